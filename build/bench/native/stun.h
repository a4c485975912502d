#ifndef STUN_H
#define STUN_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Binding requests and answers of a controlling ICE agent (RFC 8489, RFC 8445 §7). */
enum { STUN_ID_BYTES = 12, STUN_MAX_BYTES = 512 };

struct stun_check {
  uint8_t id[STUN_ID_BYTES];
  const char *username; /* remote ufrag ":" local ufrag */
  const char *password; /* the remote's */
  uint64_t tie_breaker;
};

bool stun_is_request(const uint8_t *datagram, size_t length);
bool stun_is_success(const uint8_t *datagram, size_t length, const uint8_t id[STUN_ID_BYTES]);
/* Both give the length written; `out` holds STUN_MAX_BYTES. */
size_t stun_write_check(uint8_t *out, const struct stun_check *check);
size_t stun_write_success(uint8_t *out, const uint8_t *request, const char *password, const struct sockaddr_in *from);
#endif
