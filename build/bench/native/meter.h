#ifndef METER_H
#define METER_H
#include <stdint.h>
#include <stdio.h>

/* What one group of listeners received since the last reset. */
enum { DELAY_BIN_NS = 50 * 1000, DELAY_BINS = 8000 /* 400 ms; the last bin holds all above */ };

struct meter {
  uint64_t packets;
  uint64_t bytes;
  uint64_t repeated;
  uint64_t undecryptable;
  uint64_t unstamped;
  uint64_t right_sound;
  uint64_t wrong_sound;
  uint64_t frames;
  /*
   * From the sending of a packet's first frame, and of its last, to the kernel's receive time stamp. Where a packet begins
   * with time in which nobody spoke, its first frame is that.
   */
  uint32_t first_frame[DELAY_BINS];
  uint32_t last_frame[DELAY_BINS];
};

void meter_reset(struct meter *meter);
void meter_delay(uint32_t *bins, int64_t delay_ns);
/* {"bin":count,...} without the empty ones. */
void meter_print_bins(FILE *out, const uint32_t *bins);

/* One RTP stream as its receiver counts it (RFC 3550 §A.1, §A.3). */
struct stream {
  uint32_t ssrc;
  uint32_t highest; /* extended sequence number */
  uint32_t first;
  uint32_t received;
  uint32_t expected_before;
  uint32_t received_before;
};

void stream_begin(struct stream *stream, uint32_t ssrc, uint16_t sequence_number);
/* Not for the packet of stream_begin. */
void stream_count(struct stream *stream, uint16_t sequence_number);
/* Since the last mark; not below 0. */
uint32_t stream_lost(const struct stream *stream);
void stream_mark(struct stream *stream);
#endif
