#include "meter.h"

#include <string.h>

void meter_reset(struct meter *meter) { memset(meter, 0, sizeof *meter); }

void meter_delay(uint32_t *bins, int64_t delay_ns) {
  int64_t bin = delay_ns < 0 ? 0 : delay_ns / DELAY_BIN_NS;
  bins[bin < DELAY_BINS ? bin : DELAY_BINS - 1] += 1;
}

void meter_print_bins(FILE *out, const uint32_t *bins) {
  fputc('{', out);
  const char *separator = "";
  for (int bin = 0; bin < DELAY_BINS; bin++) {
    if (bins[bin] == 0) continue;
    fprintf(out, "%s\"%d\":%u", separator, bin, bins[bin]);
    separator = ",";
  }
  fputc('}', out);
}

void stream_begin(struct stream *stream, uint32_t ssrc, uint16_t sequence_number) {
  *stream = (struct stream){.ssrc = ssrc, .highest = sequence_number, .first = sequence_number, .received = 1};
}

void stream_count(struct stream *stream, uint16_t sequence_number) {
  int16_t ahead = (int16_t)(sequence_number - (uint16_t)stream->highest);
  if (ahead > 0) stream->highest += (uint32_t)ahead;
  stream->received += 1;
}

static uint32_t expected(const struct stream *stream) { return stream->highest - stream->first + 1; }

uint32_t stream_lost(const struct stream *stream) {
  uint32_t wanted = expected(stream) - stream->expected_before;
  uint32_t received = stream->received - stream->received_before;
  return wanted > received ? wanted - received : 0;
}

void stream_mark(struct stream *stream) {
  stream->expected_before = expected(stream);
  stream->received_before = stream->received;
}
