#include "dtls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_TIMEOUT_US = 50 * 1000, LAST_TIMEOUT_US = 2 * 1000 * 1000 };
enum { RECORD_HEADER_BYTES = 13, DATAGRAM_MAX_BYTES = 1200, KEY_BYTES = 16, CERTIFICATE_DAYS = 30 };

struct dtls {
  SSL *ssl;
  void (*send)(void *to, const uint8_t *bytes, size_t length);
  void *to;
  uint8_t expected[DTLS_FINGERPRINT_BYTES];
};

static SSL_CTX *context;

static void die(const char *what) {
  fprintf(stderr, "loadgen: %s\n", what);
  ERR_print_errors_fp(stderr);
  exit(2);
}

/* Chromium's: BoringSSL's timer begins at 50 ms there and doubles. OpenSSL's own begins at a second. */
static unsigned next_timeout_us(SSL *ssl, unsigned timeout_us) {
  (void)ssl;
  if (timeout_us == 0) return FIRST_TIMEOUT_US;
  return timeout_us < LAST_TIMEOUT_US ? 2 * timeout_us : timeout_us;
}

/* The fingerprint decides (RFC 8122), not a chain: dtls_keys compares it. */
static int accept_any(int ok, X509_STORE_CTX *store) {
  (void)ok;
  (void)store;
  return 1;
}

static X509 *make_certificate(EVP_PKEY *key) {
  X509 *certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * CERTIFICATE_DAYS);
  X509_set_pubkey(certificate, key);
  X509_NAME *name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"loadgen", -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  if (!X509_sign(certificate, key, EVP_sha256())) die("no certificate");
  return certificate;
}

void dtls_setup(char fingerprint[96]) {
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = make_certificate(key);
  context = SSL_CTX_new(DTLS_client_method());
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) die("no key");
  /* 0 is success here, unlike everywhere else in OpenSSL. */
  if (SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") != 0) die("no use_srtp");
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), digest, &length);
  for (unsigned i = 0; i < length; i++) sprintf(fingerprint + 3 * i, "%02X%c", digest[i], i + 1 < length ? ':' : 0);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

/* What OpenSSL wrote is a row of records; as many go into a datagram as fit. */
static void flush(struct dtls *dtls) {
  char *pending;
  long left = BIO_get_mem_data(SSL_get_wbio(dtls->ssl), &pending);
  const uint8_t *at = (const uint8_t *)pending;
  while (left > 0) {
    long length = 0;
    while (left - length >= RECORD_HEADER_BYTES) {
      long record = RECORD_HEADER_BYTES + (at[length + 11] << 8 | at[length + 12]);
      if (length > 0 && length + record > DATAGRAM_MAX_BYTES) break;
      length += record;
    }
    if (length == 0 || length > left) break;
    dtls->send(dtls->to, at, (size_t)length);
    at += length;
    left -= length;
  }
  (void)BIO_reset(SSL_get_wbio(dtls->ssl));
}

static enum dtls_state advance(struct dtls *dtls) {
  ERR_clear_error();
  int result = SSL_do_handshake(dtls->ssl);
  int error = SSL_get_error(dtls->ssl, result);
  flush(dtls);
  if (result == 1) return DTLS_DONE;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return DTLS_BUSY;
  ERR_print_errors_fp(stderr);
  return DTLS_FAILED;
}

struct dtls *dtls_open(void (*send)(void *to, const uint8_t *bytes, size_t length), void *to,
                       const uint8_t expected[DTLS_FINGERPRINT_BYTES]) {
  struct dtls *dtls = calloc(1, sizeof *dtls);
  dtls->ssl = SSL_new(context);
  dtls->send = send;
  dtls->to = to;
  memcpy(dtls->expected, expected, DTLS_FINGERPRINT_BYTES);
  BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(dtls->ssl, in, out);
  SSL_set_mtu(dtls->ssl, DATAGRAM_MAX_BYTES);
  SSL_set_connect_state(dtls->ssl);
  DTLS_set_timer_cb(dtls->ssl, next_timeout_us);
  advance(dtls);
  return dtls;
}

enum dtls_state dtls_receive(struct dtls *dtls, const uint8_t *datagram, size_t length) {
  BIO_write(SSL_get_rbio(dtls->ssl), datagram, (int)length);
  enum dtls_state state = advance(dtls);
  /* The rest of a datagram that OpenSSL did not want must not be joined to the next one. */
  (void)BIO_reset(SSL_get_rbio(dtls->ssl));
  return state;
}

enum dtls_state dtls_tick(struct dtls *dtls) {
  int result = DTLSv1_handle_timeout(dtls->ssl);
  if (result > 0) flush(dtls);
  return result < 0 ? DTLS_FAILED : DTLS_BUSY;
}

static bool is_expected_server(struct dtls *dtls) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  X509 *certificate = SSL_get1_peer_certificate(dtls->ssl);
  if (!certificate) return false;
  X509_digest(certificate, EVP_sha256(), digest, &length);
  X509_free(certificate);
  return length == DTLS_FINGERPRINT_BYTES && memcmp(digest, dtls->expected, length) == 0;
}

/* RFC 5764 §4.2: client key, server key, client salt, server salt. */
bool dtls_keys(struct dtls *dtls, struct dtls_keys *keys) {
  SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(dtls->ssl);
  if (!profile || !is_expected_server(dtls)) return false;
  keys->is_gcm = profile->id == SRTP_AEAD_AES_128_GCM;
  size_t salt = keys->is_gcm ? 12 : 14;
  uint8_t material[2 * SRTP_KEY_MAX_BYTES];
  static const char label[] = "EXTRACTOR-dtls_srtp";
  if (SSL_export_keying_material(dtls->ssl, material, 2 * (KEY_BYTES + salt), label, sizeof label - 1, NULL, 0, 0) != 1)
    return false;
  memcpy(keys->outgoing, material, KEY_BYTES);
  memcpy(keys->incoming, material + KEY_BYTES, KEY_BYTES);
  memcpy(keys->outgoing + KEY_BYTES, material + 2 * KEY_BYTES, salt);
  memcpy(keys->incoming + KEY_BYTES, material + 2 * KEY_BYTES + salt, salt);
  return true;
}

void dtls_close(struct dtls *dtls) {
  if (!dtls) return;
  SSL_free(dtls->ssl);
  free(dtls);
}
