#ifndef SRTP_H
#define SRTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SRTP and SRTCP (RFC 3711, RFC 7714) by OpenSSL. Not by libsrtp: Debian's is built with NSS, which walks a list of all its
 * contexts at each packet. With 3,500 peers that took 80 % of the generator's core, and what it said came late.
 */
enum { SRTP_TRAILER_MAX_BYTES = 16 + 4 };

/* One direction. */
struct srtp {
  bool is_gcm; /* else AES_CM_128_HMAC_SHA1_80 */
  struct srtp_keys {
    uint8_t key[16], salt[14], auth[20];
  } rtp, rtcp;
};

/* `master`: key, then salt. */
void srtp_setup(struct srtp *srtp, bool is_gcm, const uint8_t *master);
/* `at`: where the payload begins. `rollovers`: of the sequence number. Makes `*length` that of the other form. */
void srtp_seal(const struct srtp *srtp, uint8_t *packet, size_t at, uint32_t rollovers, size_t *length);
/* False for what is not from whom it should be. */
bool srtp_open(const struct srtp *srtp, uint8_t *packet, size_t at, uint32_t rollovers, size_t *length);
/* `index` of 31 bits, never the same twice. */
void srtcp_seal(const struct srtp *srtp, uint8_t *packet, uint32_t index, size_t *length);
#endif
