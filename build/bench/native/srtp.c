#include "srtp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
  GCM_TAG_BYTES = 16,
  GCM_SALT_BYTES = 12,
  CM_TAG_BYTES = 10,
  CM_SALT_BYTES = 14,
  KEY_BYTES = 16,
  BLOCK_BYTES = 16,
  RTCP_HEADER_BYTES = 8,
  INDEX_BYTES = 4,
  SHA1_BYTES = 20,
};
/* RFC 3711 §4.3.2. */
enum { LABEL_RTP = 0, LABEL_RTCP = 3, LABEL_KEY = 0, LABEL_AUTH = 1, LABEL_SALT = 2 };

static void put32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void xor_bytes(uint8_t *into, const uint8_t *with, size_t length) {
  for (size_t i = 0; i < length; i++) into[i] ^= with[i];
}

static void aes_ctr(const uint8_t *key, const uint8_t *iv, uint8_t *bytes, size_t length) {
  static EVP_CIPHER_CTX *ctx;
  int written;
  if (!ctx) {
    ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, NULL, NULL);
  }
  EVP_EncryptInit_ex(ctx, NULL, NULL, key, iv);
  EVP_EncryptUpdate(ctx, bytes, &written, bytes, (int)length);
}

/* RFC 3711 §4.3.1, §4.3.3, without a derivation rate. */
static void derive(const uint8_t *master, uint8_t label, uint8_t *out, size_t length) {
  uint8_t iv[BLOCK_BYTES] = {0};
  memcpy(iv, master + KEY_BYTES, CM_SALT_BYTES);
  iv[7] ^= label;
  memset(out, 0, length);
  aes_ctr(master, iv, out, length);
}

static void derive_all(struct srtp_keys *keys, const uint8_t *master, uint8_t label) {
  derive(master, label + LABEL_KEY, keys->key, sizeof keys->key);
  derive(master, label + LABEL_AUTH, keys->auth, sizeof keys->auth);
  derive(master, label + LABEL_SALT, keys->salt, sizeof keys->salt);
}

void srtp_setup(struct srtp *srtp, bool is_gcm, const uint8_t *master) {
  /* RFC 7714 §11: the shorter salt is filled up with zeros. */
  uint8_t padded[KEY_BYTES + CM_SALT_BYTES] = {0};
  memcpy(padded, master, KEY_BYTES + (is_gcm ? GCM_SALT_BYTES : CM_SALT_BYTES));
  srtp->is_gcm = is_gcm;
  derive_all(&srtp->rtp, padded, LABEL_RTP);
  derive_all(&srtp->rtcp, padded, LABEL_RTCP);
}

struct gcm {
  const struct srtp_keys *keys;
  const uint8_t *iv;
  const uint8_t *header, *more; /* What is authenticated only, in two parts. */
  size_t header_bytes, more_bytes;
  uint8_t *bytes, *tag;
  size_t length;
  bool seals;
};

static bool run_gcm(const struct gcm *gcm) {
  static EVP_CIPHER_CTX *ctx;
  int written;
  if (!ctx) {
    ctx = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(ctx, EVP_aes_128_gcm(), NULL, NULL, NULL, 1);
  }
  EVP_CipherInit_ex(ctx, NULL, NULL, gcm->keys->key, gcm->iv, gcm->seals);
  if (!gcm->seals) EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES, gcm->tag);
  EVP_CipherUpdate(ctx, NULL, &written, gcm->header, (int)gcm->header_bytes);
  if (gcm->more_bytes > 0) EVP_CipherUpdate(ctx, NULL, &written, gcm->more, (int)gcm->more_bytes);
  EVP_CipherUpdate(ctx, gcm->bytes, &written, gcm->bytes, (int)gcm->length);
  bool ok = EVP_CipherFinal_ex(ctx, gcm->bytes + written, &written) == 1;
  if (gcm->seals) EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_BYTES, gcm->tag);
  return ok;
}

/* RFC 7714 §8.1, §9.1. */
static void gcm_iv(uint8_t iv[GCM_SALT_BYTES], const uint8_t *salt, const uint8_t *ssrc, const uint8_t index[6]) {
  memset(iv, 0, GCM_SALT_BYTES);
  memcpy(iv + 2, ssrc, 4);
  memcpy(iv + 6, index, 6);
  xor_bytes(iv, salt, GCM_SALT_BYTES);
}

/* RFC 3711 §4.1.1. */
static void cm_iv(uint8_t iv[BLOCK_BYTES], const uint8_t *salt, const uint8_t *ssrc, const uint8_t index[6]) {
  memset(iv, 0, BLOCK_BYTES);
  memcpy(iv + 4, ssrc, 4);
  memcpy(iv + 8, index, 6);
  xor_bytes(iv, salt, CM_SALT_BYTES);
}

static void cm_tag(const struct srtp_keys *keys, const uint8_t *bytes, size_t length, uint8_t tag[SHA1_BYTES]) {
  unsigned written;
  HMAC(EVP_sha1(), keys->auth, sizeof keys->auth, bytes, length, tag, &written);
}

/* Of what is followed by room for four bytes; RFC 3711 §4.2: they count the rollovers, and are not sent. */
static void cm_rtp_tag(const struct srtp *srtp, uint8_t *packet, size_t length, uint32_t rollovers, uint8_t *tag) {
  uint8_t kept[4];
  memcpy(kept, packet + length, sizeof kept);
  put32(packet + length, rollovers);
  cm_tag(&srtp->rtp, packet, length + sizeof kept, tag);
  memcpy(packet + length, kept, sizeof kept);
}

static void rtp_index(uint8_t index[6], const uint8_t *packet, uint32_t rollovers) {
  put32(index, rollovers);
  memcpy(index + 4, packet + 2, 2);
}

void srtp_seal(const struct srtp *srtp, uint8_t *packet, size_t at, uint32_t rollovers, size_t *length) {
  uint8_t index[6], iv[BLOCK_BYTES], tag[SHA1_BYTES];
  rtp_index(index, packet, rollovers);
  if (srtp->is_gcm) {
    gcm_iv(iv, srtp->rtp.salt, packet + 8, index);
    run_gcm(&(struct gcm){.keys = &srtp->rtp, .iv = iv, .header = packet, .header_bytes = at, .bytes = packet + at,
                          .length = *length - at, .tag = packet + *length, .seals = true});
    *length += GCM_TAG_BYTES;
    return;
  }
  cm_iv(iv, srtp->rtp.salt, packet + 8, index);
  aes_ctr(srtp->rtp.key, iv, packet + at, *length - at);
  cm_rtp_tag(srtp, packet, *length, rollovers, tag);
  memcpy(packet + *length, tag, CM_TAG_BYTES);
  *length += CM_TAG_BYTES;
}

bool srtp_open(const struct srtp *srtp, uint8_t *packet, size_t at, uint32_t rollovers, size_t *length) {
  uint8_t index[6], iv[BLOCK_BYTES], tag[SHA1_BYTES];
  size_t tag_bytes = srtp->is_gcm ? GCM_TAG_BYTES : CM_TAG_BYTES;
  if (*length < at + tag_bytes) return false;
  *length -= tag_bytes;
  rtp_index(index, packet, rollovers);
  if (srtp->is_gcm) {
    gcm_iv(iv, srtp->rtp.salt, packet + 8, index);
    return run_gcm(&(struct gcm){.keys = &srtp->rtp, .iv = iv, .header = packet, .header_bytes = at, .bytes = packet + at,
                                 .length = *length - at, .tag = packet + *length});
  }
  cm_rtp_tag(srtp, packet, *length, rollovers, tag);
  if (CRYPTO_memcmp(packet + *length, tag, CM_TAG_BYTES) != 0) return false;
  cm_iv(iv, srtp->rtp.salt, packet + 8, index);
  aes_ctr(srtp->rtp.key, iv, packet + at, *length - at);
  return true;
}

void srtcp_seal(const struct srtp *srtp, uint8_t *packet, uint32_t index, size_t *length) {
  uint8_t wide[6] = {0}, iv[BLOCK_BYTES], word[INDEX_BYTES], tag[SHA1_BYTES];
  uint8_t *body = packet + RTCP_HEADER_BYTES;
  size_t body_bytes = *length - RTCP_HEADER_BYTES;
  put32(wide + 2, index);
  put32(word, 0x80000000u | index); /* encrypted */
  if (srtp->is_gcm) {
    gcm_iv(iv, srtp->rtcp.salt, packet + 4, wide);
    run_gcm(&(struct gcm){.keys = &srtp->rtcp, .iv = iv, .header = packet, .header_bytes = RTCP_HEADER_BYTES,
                          .more = word, .more_bytes = INDEX_BYTES, .bytes = body, .length = body_bytes,
                          .tag = packet + *length, .seals = true});
    memcpy(packet + *length + GCM_TAG_BYTES, word, INDEX_BYTES);
    *length += GCM_TAG_BYTES + INDEX_BYTES;
    return;
  }
  cm_iv(iv, srtp->rtcp.salt, packet + 4, wide);
  aes_ctr(srtp->rtcp.key, iv, body, body_bytes);
  memcpy(packet + *length, word, INDEX_BYTES);
  *length += INDEX_BYTES;
  cm_tag(&srtp->rtcp, packet, *length, tag);
  memcpy(packet + *length, tag, CM_TAG_BYTES);
  *length += CM_TAG_BYTES;
}
