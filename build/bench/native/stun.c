#include "stun.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
  BINDING_REQUEST = 0x0001,
  BINDING_SUCCESS = 0x0101,
  USERNAME = 0x0006,
  MESSAGE_INTEGRITY = 0x0008,
  XOR_MAPPED_ADDRESS = 0x0020,
  PRIORITY = 0x0024,
  USE_CANDIDATE = 0x0025,
  FINGERPRINT = 0x8028,
  ICE_CONTROLLING = 0x802a,
  HEADER_BYTES = 20,
  SHA1_BYTES = 20,
};
static const uint32_t MAGIC_COOKIE = 0x2112a442;
static const uint32_t FINGERPRINT_XOR = 0x5354554e;
/* RFC 8445 §5.1.2: peer-reflexive, first component. */
static const uint32_t CHECK_PRIORITY = (110u << 24) | (65535u << 8) | 255u;

static void put16(uint8_t *at, uint16_t value) {
  value = htons(value);
  memcpy(at, &value, 2);
}

static void put32(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static uint32_t crc32_of(const uint8_t *bytes, size_t length) {
  static uint32_t table[256];
  if (!table[1])
    for (uint32_t i = 0; i < 256; i++) {
      uint32_t c = i;
      for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

bool stun_is_request(const uint8_t *datagram, size_t length) {
  return length >= HEADER_BYTES && get16(datagram) == BINDING_REQUEST;
}

bool stun_is_success(const uint8_t *datagram, size_t length, const uint8_t id[STUN_ID_BYTES]) {
  return length >= HEADER_BYTES && get16(datagram) == BINDING_SUCCESS && memcmp(datagram + 8, id, STUN_ID_BYTES) == 0;
}

static size_t begin(uint8_t *out, uint16_t type, const uint8_t *id) {
  put16(out, type);
  put32(out + 4, MAGIC_COOKIE);
  memcpy(out + 8, id, STUN_ID_BYTES);
  return HEADER_BYTES;
}

static size_t add(uint8_t *out, size_t at, uint16_t type, const void *value, uint16_t length) {
  put16(out + at, type);
  put16(out + at + 2, length);
  if (length) memcpy(out + at + 4, value, length);
  size_t padded = (length + 3u) & ~3u;
  memset(out + at + 4 + length, 0, padded - length);
  return at + 4 + padded;
}

/* RFC 8489 §14.5 and §14.7: the header's length covers the attribute that is being computed. */
static size_t finish(uint8_t *out, size_t at, const char *password) {
  uint8_t mac[SHA1_BYTES];
  unsigned mac_length = SHA1_BYTES;
  put16(out + 2, (uint16_t)(at + 4 + SHA1_BYTES - HEADER_BYTES));
  HMAC(EVP_sha1(), password, (int)strlen(password), out, at, mac, &mac_length);
  at = add(out, at, MESSAGE_INTEGRITY, mac, SHA1_BYTES);
  put16(out + 2, (uint16_t)(at + 8 - HEADER_BYTES));
  uint8_t crc[4];
  put32(crc, crc32_of(out, at) ^ FINGERPRINT_XOR);
  return add(out, at, FINGERPRINT, crc, 4);
}

size_t stun_write_check(uint8_t *out, const struct stun_check *check) {
  uint8_t priority[4];
  put32(priority, CHECK_PRIORITY);
  size_t at = begin(out, BINDING_REQUEST, check->id);
  at = add(out, at, USERNAME, check->username, (uint16_t)strlen(check->username));
  at = add(out, at, PRIORITY, priority, 4);
  at = add(out, at, ICE_CONTROLLING, &check->tie_breaker, 8);
  at = add(out, at, USE_CANDIDATE, NULL, 0);
  return finish(out, at, check->password);
}

size_t stun_write_success(uint8_t *out, const uint8_t *request, const char *password, const struct sockaddr_in *from) {
  uint8_t address[8] = {0, 1};
  put16(address + 2, (uint16_t)(ntohs(from->sin_port) ^ (MAGIC_COOKIE >> 16)));
  put32(address + 4, ntohl(from->sin_addr.s_addr) ^ MAGIC_COOKIE);
  size_t at = begin(out, BINDING_SUCCESS, request + 8);
  at = add(out, at, XOR_MAPPED_ADDRESS, address, sizeof address);
  return finish(out, at, password);
}
