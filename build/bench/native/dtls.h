#ifndef DTLS_H
#define DTLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A DTLS 1.2 client with use_srtp (RFC 5764) over datagrams that the caller carries. */
enum { DTLS_FINGERPRINT_BYTES = 32, SRTP_KEY_MAX_BYTES = 30 };

struct dtls;

struct dtls_keys {
  bool is_gcm;                           /* else AES_CM_128_HMAC_SHA1_80 */
  uint8_t outgoing[SRTP_KEY_MAX_BYTES]; /* key, then salt */
  uint8_t incoming[SRTP_KEY_MAX_BYTES];
};

enum dtls_state { DTLS_BUSY, DTLS_DONE, DTLS_FAILED };

/* One certificate for all peers, made now. Writes its SHA-256 as hex pairs with colons (96 bytes with the zero). */
void dtls_setup(char fingerprint[96]);
/* `send` is called with each datagram to send. `expected` is the SHA-256 of the server's certificate. */
struct dtls *dtls_open(void (*send)(void *to, const uint8_t *bytes, size_t length), void *to,
                       const uint8_t expected[DTLS_FINGERPRINT_BYTES]);
enum dtls_state dtls_receive(struct dtls *dtls, const uint8_t *datagram, size_t length);
/* Retransmits when it is time. Call every 10 to 100 ms. */
enum dtls_state dtls_tick(struct dtls *dtls);
bool dtls_keys(struct dtls *dtls, struct dtls_keys *keys);
void dtls_close(struct dtls *dtls);
#endif
