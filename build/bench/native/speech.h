#ifndef SPEECH_H
#define SPEECH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Real Opus packets of 20 ms, each stamped in the first bytes of its frame: a magic, the moment of sending, whose
 * packet it is and which. Nobody between speaker and listener decodes, and a repacketizer keeps frames as they are, so a
 * listener finds the stamp again, in merged packets as well.
 */
enum { STAMP_BYTES = 16, SPEECH_PACKET_MAX_BYTES = 1275, SPEECH_FRAME_MS = 20 };

struct stamp {
  uint64_t sent_ns; /* CLOCK_MONOTONIC */
  uint16_t packet_index;
  uint8_t speaker;
};

/* `file`: packets, each after its length (16 bits, little-endian). Ends the program where it is unreadable. */
void speech_load(const char *file);
size_t speech_count(void);
/* Copies a packet and stamps it; gives its length. */
size_t speech_write(uint8_t *out, const struct stamp *stamp);
/* The next stamp at or after `*at`, which moves behind its frame. False where there is none. */
bool speech_find(const uint8_t *payload, size_t length, size_t *at, struct stamp *stamp);
/* How many frames without a byte come before the others (RFC 6716 §3.2.1): time in which nobody spoke. */
uint32_t speech_empty_before(const uint8_t *payload, size_t length);
/* Whether the bytes after a stamp at `at` are the ones that were sent. */
bool speech_matches(const uint8_t *payload, size_t length, size_t at, const struct stamp *stamp);
#endif
