#include "speech.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t MAGIC[4] = {0x45, 0x6e, 0x47, 0xf7};

struct packet {
  const uint8_t *bytes;
  size_t length;
};

static struct packet *packets;
static size_t packet_count;

static uint8_t *read_whole(const char *file, size_t *length) {
  FILE *stream = fopen(file, "rb");
  if (!stream) {
    perror(file);
    exit(2);
  }
  fseek(stream, 0, SEEK_END);
  *length = (size_t)ftell(stream);
  rewind(stream);
  uint8_t *bytes = malloc(*length);
  if (fread(bytes, 1, *length, stream) != *length) exit(2);
  fclose(stream);
  return bytes;
}

void speech_load(const char *file) {
  size_t length;
  const uint8_t *bytes = read_whole(file, &length);
  packets = calloc(length / 2 + 1, sizeof *packets);
  for (size_t at = 0; at + 2 <= length;) {
    size_t packet = bytes[at] | (size_t)bytes[at + 1] << 8;
    at += 2;
    if (packet > SPEECH_PACKET_MAX_BYTES || at + packet > length) break;
    /* One frame a packet (code 0), with room for the stamp. */
    if (packet > 1 + STAMP_BYTES && (bytes[at] & 3) == 0)
      packets[packet_count++] = (struct packet){bytes + at, packet};
    at += packet;
  }
  if (packet_count == 0 || packet_count > UINT16_MAX) {
    fprintf(stderr, "loadgen: %s has no usable packets\n", file);
    exit(2);
  }
}

size_t speech_count(void) { return packet_count; }

size_t speech_write(uint8_t *out, const struct stamp *stamp) {
  const struct packet *packet = &packets[stamp->packet_index % packet_count];
  memcpy(out, packet->bytes, packet->length);
  memcpy(out + 1, MAGIC, 4);
  memcpy(out + 5, &stamp->sent_ns, 8);
  memcpy(out + 13, &stamp->packet_index, 2);
  out[15] = stamp->speaker;
  out[16] = 0;
  return packet->length;
}

bool speech_find(const uint8_t *payload, size_t length, size_t *at, struct stamp *stamp) {
  for (size_t i = *at; i + STAMP_BYTES <= length; i++) {
    if (payload[i] != MAGIC[0] || memcmp(payload + i, MAGIC, 4) != 0) continue;
    memcpy(&stamp->sent_ns, payload + i + 4, 8);
    memcpy(&stamp->packet_index, payload + i + 12, 2);
    stamp->speaker = payload[i + 14];
    *at = i + STAMP_BYTES;
    return true;
  }
  return false;
}

uint32_t speech_empty_before(const uint8_t *payload, size_t length) {
  enum { CODE = 3, TWO_FRAMES_VBR = 2, MANY_FRAMES = 3, VBR = 0x80, PADDED = 0x40, COUNT = 0x3f };
  if (length < 2) return 0;
  if ((payload[0] & CODE) == TWO_FRAMES_VBR) return payload[1] == 0;
  if ((payload[0] & CODE) != MANY_FRAMES || (payload[1] & (VBR | PADDED)) != VBR) return 0;
  uint32_t empty = 0, lengths = (payload[1] & COUNT) - 1u;
  while (empty < lengths && empty + 2 < length && payload[2 + empty] == 0) empty++;
  return empty;
}

bool speech_matches(const uint8_t *payload, size_t length, size_t at, const struct stamp *stamp) {
  if (stamp->packet_index >= packet_count) return false;
  const struct packet *packet = &packets[stamp->packet_index];
  size_t rest = packet->length - 1 - STAMP_BYTES;
  return at + rest <= length && memcmp(payload + at, packet->bytes + 1 + STAMP_BYTES, rest) == 0;
}
