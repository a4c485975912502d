#define _GNU_SOURCE
#include "peer.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "speech.h"

enum {
  BATCH = 8,
  DATAGRAM_BYTES = 2048,
  RTP_HEADER_BYTES = 12,
  RTP_CLOCK_HZ = 48000,
  PACKET_MS = 20,
  PACKET_SAMPLES = RTP_CLOCK_HZ * PACKET_MS / 1000,
  LEVEL_EXTENSION_ID = 1,
  LEVEL_TALK = 30,
  LEVEL_SILENCE = 127,
  DTX_SLOTS = 20, /* 400 ms, as libopus and libwebrtc do */
  CHECK_RETRY_MS = 50,
  GIVE_UP_MS = 60000,
  REPORT_MS = 5000, /* RFC 3550 §6.2, as browsers do for sound */
};
static const uint64_t MS = 1000000;
/* So that the plain peer's datagrams are as long as sealed ones: 16 bytes of tag and 4 of CSRC. */
enum { PLAIN_PADDING_BYTES = 20 };

struct meter meters[GROUP_COUNT];
uint32_t sample_every = 97;
uint64_t sent_packets;

uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void send_datagram(void *to, const uint8_t *bytes, size_t length) {
  struct peer *peer = to;
  /* A full buffer or a refusal (the peer ended) is a loss like any other. */
  (void)!send(peer->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int open_socket(const struct sockaddr_in *remote) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (connect(fd, (const struct sockaddr *)remote, sizeof *remote) == 0) return fd;
  close(fd);
  return -1;
}

static void say_hello(struct peer *peer) {
  static const uint8_t hello = 0;
  send_datagram(peer, &hello, 1);
}

struct peer *peer_open(const struct peer_offer *offer) {
  int fd = open_socket(&offer->remote);
  if (fd < 0) return NULL;
  struct peer *peer = calloc(1, sizeof *peer);
  peer->id = offer->id;
  peer->fd = fd;
  peer->group = offer->group;
  peer->is_plain = offer->is_plain;
  peer->ssrc = offer->ssrc;
  peer->payload_type = offer->payload_type;
  peer->offered_ns = offer->offered_ns;
  peer->began_ns = now_ns();
  snprintf(peer->username, sizeof peer->username, "%s:%s", offer->remote_ufrag, offer->local_ufrag);
  peer->local_pwd = strdup(offer->local_pwd);
  peer->remote_pwd = strdup(offer->remote_pwd);
  memcpy(peer->fingerprint, offer->fingerprint, sizeof peer->fingerprint);
  if (peer->is_plain) {
    say_hello(peer);
    peer->state = PEER_OPEN;
  }
  peer_tick(peer, peer->began_ns);
  return peer;
}

static void send_check(struct peer *peer) {
  uint8_t out[STUN_MAX_BYTES + 2 * CREDENTIAL_BYTES];
  RAND_bytes(peer->check_id, sizeof peer->check_id);
  struct stun_check check = {.username = peer->username, .password = peer->remote_pwd, .tie_breaker = peer->id + 1};
  memcpy(check.id, peer->check_id, sizeof check.id);
  send_datagram(peer, out, stun_write_check(out, &check));
}

static void on_secured(struct peer *peer) {
  struct dtls_keys keys;
  bool ok = dtls_keys(peer->dtls, &keys);
  dtls_close(peer->dtls);
  peer->dtls = NULL;
  if (ok) {
    srtp_setup(&peer->in, keys.is_gcm, keys.incoming);
    srtp_setup(&peer->out, keys.is_gcm, keys.outgoing);
    peer->has_keys = true;
  }
  peer->open_ns = now_ns();
  peer->state = ok ? PEER_OPEN : PEER_FAILED;
}

static void on_dtls(struct peer *peer, enum dtls_state state) {
  if (state == DTLS_DONE) on_secured(peer);
  if (state == DTLS_FAILED) {
    dtls_close(peer->dtls);
    peer->dtls = NULL;
    peer->state = PEER_FAILED;
  }
}

void peer_tick(struct peer *peer, uint64_t now) {
  bool is_connecting = peer->state == PEER_CHECKING || peer->state == PEER_HANDSHAKING;
  if (is_connecting && now - peer->began_ns > GIVE_UP_MS * MS) peer->state = PEER_FAILED;
  if (peer->state == PEER_CHECKING && now >= peer->next_check_ns) {
    peer->next_check_ns = now + CHECK_RETRY_MS * MS;
    send_check(peer);
  }
  if (peer->state == PEER_HANDSHAKING) on_dtls(peer, dtls_tick(peer->dtls));
}

static void on_stun(struct peer *peer, const uint8_t *datagram, size_t length) {
  if (stun_is_request(datagram, length)) {
    uint8_t out[STUN_MAX_BYTES];
    struct sockaddr_in remote;
    socklen_t size = sizeof remote;
    getpeername(peer->fd, (struct sockaddr *)&remote, &size);
    send_datagram(peer, out, stun_write_success(out, datagram, peer->local_pwd, &remote));
    return;
  }
  if (peer->state != PEER_CHECKING || !stun_is_success(datagram, length, peer->check_id)) return;
  peer->state = PEER_HANDSHAKING;
  peer->dtls = dtls_open(send_datagram, peer, peer->fingerprint);
}

static uint32_t get32(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return ntohl(value);
}

/* Gives how often the sequence number had gone round when it was this. */
static uint32_t count_stream(struct peer *peer, uint32_t ssrc, uint16_t sequence_number) {
  for (int i = 0; i < peer->stream_count; i++)
    if (peer->streams[i].ssrc == ssrc) {
      struct stream *stream = &peer->streams[i];
      stream_count(stream, sequence_number);
      return (stream->highest + (uint32_t)(int16_t)(sequence_number - (uint16_t)stream->highest)) >> 16;
    }
  if (peer->stream_count < STREAMS_MAX)
    stream_begin(&peer->streams[peer->stream_count++], ssrc, sequence_number);
  return 0;
}

static size_t rtp_payload_at(const uint8_t *packet, size_t length) {
  size_t at = RTP_HEADER_BYTES + 4u * (packet[0] & 0x0f);
  if (packet[0] & 0x10 && at + 4 <= length) at += 4u + 4u * (size_t)(packet[at + 2] << 8 | packet[at + 3]);
  return at < length ? at : length;
}

struct arrival {
  size_t length;
  uint32_t rollovers;
  uint64_t arrived_ns;
};

/* Opens a packet to prove that it is what a speaker said, and when. */
static void examine(struct peer *peer, uint8_t *packet, const struct arrival *arrival) {
  struct meter *meter = &meters[peer->group];
  size_t opened = arrival->length, at = rtp_payload_at(packet, opened);
  if (peer->has_keys && !srtp_open(&peer->in, packet, at, arrival->rollovers, &opened)) {
    meter->undecryptable += 1;
    return;
  }
  const uint8_t *payload = packet;
  uint64_t arrived_ns = arrival->arrived_ns;
  uint64_t empty_ns = speech_empty_before(packet + at, opened - at) * SPEECH_FRAME_MS * MS;
  struct stamp stamp;
  uint32_t frames = 0;
  uint64_t last_ns = 0;
  while (speech_find(payload, opened, &at, &stamp)) {
    if (frames++ == 0) meter_delay(meter->first_frame, (int64_t)(arrived_ns - stamp.sent_ns + empty_ns));
    last_ns = stamp.sent_ns;
    bool right = speech_matches(payload, opened, at, &stamp);
    meter->right_sound += right;
    meter->wrong_sound += !right;
  }
  meter->frames += frames;
  if (frames == 0) meter->unstamped += 1;
  else meter_delay(meter->last_frame, (int64_t)(arrived_ns - last_ns));
}

static void on_rtp(struct peer *peer, uint8_t *packet, size_t length, uint64_t arrived_ns) {
  if (peer->state != PEER_OPEN) return;
  if (peer->first_packet_ns == 0) peer->first_packet_ns = arrived_ns;
  meters[peer->group].packets += 1;
  meters[peer->group].bytes += length;
  uint32_t rollovers = count_stream(peer, get32(packet + 8), (uint16_t)(packet[2] << 8 | packet[3]));
  bool is_sampled = (peer->packet_count++ + peer->id) % sample_every == 0;
  if (is_sampled || peer->group == GROUP_STAGE)
    examine(peer, packet, &(struct arrival){length, rollovers, arrived_ns});
}

static void on_datagram(struct peer *peer, uint8_t *datagram, size_t length, uint64_t arrived_ns) {
  uint8_t first = datagram[0];
  if (first < 4) on_stun(peer, datagram, length);
  else if (first >= 20 && first < 64 && peer->dtls) on_dtls(peer, dtls_receive(peer->dtls, datagram, length));
  else if (first >= 128 && first < 192 && length >= RTP_HEADER_BYTES) {
    bool is_rtcp = datagram[1] >= 192 && datagram[1] < 224; /* RFC 5761 §4 */
    if (!is_rtcp) on_rtp(peer, datagram, length, arrived_ns);
  }
}

static uint64_t arrival_of(struct msghdr *message, int64_t real_offset_ns) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec t;
    memcpy(&t, CMSG_DATA(c), sizeof t);
    return (uint64_t)((int64_t)t.tv_sec * 1000000000 + t.tv_nsec - real_offset_ns);
  }
  return now_ns();
}

void peer_read(struct peer *peer, int64_t real_offset_ns) {
  static uint8_t datagrams[BATCH][DATAGRAM_BYTES];
  static char controls[BATCH][64];
  static struct iovec vectors[BATCH];
  static struct mmsghdr messages[BATCH];
  int count;
  do {
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){datagrams[i], DATAGRAM_BYTES};
      messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
      messages[i].msg_hdr.msg_control = controls[i];
      messages[i].msg_hdr.msg_controllen = sizeof controls[i];
    }
    count = recvmmsg(peer->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
      if (messages[i].msg_len > 0)
        on_datagram(peer, datagrams[i], messages[i].msg_len, arrival_of(&messages[i].msg_hdr, real_offset_ns));
  } while (count == BATCH);
}

static size_t put32(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
  return 4;
}

/* A receiver report on all streams and a CNAME (RFC 3550 §6.4.2, §6.5). */
static void send_report(struct peer *peer) {
  uint8_t out[8 + 24 * STREAMS_MAX + 16 + SRTP_TRAILER_MAX_BYTES] = {0};
  size_t at = 0;
  at += put32(out + at, 0x80c90001u + ((uint32_t)peer->stream_count << 24) + 6u * peer->stream_count);
  at += put32(out + at, peer->ssrc);
  for (int i = 0; i < peer->stream_count; i++) {
    const struct stream *stream = &peer->streams[i];
    uint32_t expected = stream->highest - stream->first + 1;
    uint32_t lost = expected > stream->received ? expected - stream->received : 0;
    at += put32(out + at, stream->ssrc);
    at += put32(out + at, lost & 0xffffff);
    at += put32(out + at, stream->highest);
    at += 12; /* jitter, last report, delay since: not measured */
  }
  at += put32(out + at, 0x81ca0003);
  at += put32(out + at, peer->ssrc);
  memcpy(out + at, "\x01\x04load\0\0", 8);
  size_t length = at + 8;
  srtcp_seal(&peer->out, out, peer->rtcp_index++, &length);
  send_datagram(peer, out, length);
}

void peer_keep_alive(struct peer *peer, uint64_t now) {
  if (peer->state != PEER_OPEN || peer->is_plain) return;
  send_check(peer);
  if (now - peer->reported_ns < REPORT_MS * MS || peer->stream_count == 0) return;
  peer->reported_ns = now;
  send_report(peer);
}

void peer_talk(struct peer *peer, const struct talk *talk, uint64_t now) {
  if (!peer->mouth) {
    peer->mouth = calloc(1, sizeof *peer->mouth);
    peer->mouth->timestamp = 48000;
    peer->mouth->sequence_number = 1000;
    peer->mouth->next_ns = now;
  }
  peer->mouth->talk = *talk;
  peer->mouth->began_ns = now;
  peer->mouth->is_on = talk->period_ms > 0;
  peer->mouth->was_silent = true;
}

static bool talks_at(const struct talk *talk, uint64_t ms) {
  uint32_t left = (uint32_t)(ms % talk->period_ms);
  for (uint32_t i = 0; i < talk->span_count; i++) {
    if (left < talk->spans_ms[i]) return i % 2 == 1;
    left -= talk->spans_ms[i];
  }
  return false;
}

static void send_packet(struct peer *peer, bool talks, uint64_t now) {
  struct mouth *mouth = peer->mouth;
  uint8_t packet[RTP_HEADER_BYTES + 8 + SPEECH_PACKET_MAX_BYTES + SRTP_TRAILER_MAX_BYTES];
  put32(packet, 0x90000000u | (uint32_t)(mouth->was_silent && talks) << 23 | (uint32_t)peer->payload_type << 16 |
                    (mouth->sequence_number & 0xffff));
  put32(packet + 4, mouth->timestamp);
  put32(packet + 8, peer->ssrc);
  put32(packet + 12, 0xbede0001u);
  uint8_t level = talks ? 0x80 | LEVEL_TALK : LEVEL_SILENCE;
  put32(packet + 16, (uint32_t)LEVEL_EXTENSION_ID << 28 | (uint32_t)level << 16);
  size_t payload_at = RTP_HEADER_BYTES + 8, length = payload_at;
  if (talks) {
    struct stamp stamp = {.sent_ns = now, .packet_index = mouth->packet_index, .speaker = (uint8_t)peer->id};
    mouth->packet_index = (uint16_t)((mouth->packet_index + 1u) % speech_count());
    length += speech_write(packet + length, &stamp);
  } else {
    /* What libopus makes of silence with DTX: a table of contents and no frame. */
    packet[length++] = 0x78;
  }
  if (peer->has_keys) srtp_seal(&peer->out, packet, payload_at, mouth->sequence_number >> 16, &length);
  mouth->sequence_number += 1;
  if (peer->is_plain) {
    memset(packet + length, 0, PLAIN_PADDING_BYTES);
    length += PLAIN_PADDING_BYTES;
  }
  send_datagram(peer, packet, length);
  sent_packets += 1;
}

static void speak_slot(struct peer *peer) {
  struct mouth *mouth = peer->mouth;
  uint64_t now = now_ns();
  bool talks = mouth->is_on && talks_at(&mouth->talk, (now - mouth->began_ns) / MS);
  if (talks) {
    send_packet(peer, true, now);
    mouth->silent_slots = 0;
  } else if (mouth->silent_slots++ % DTX_SLOTS == 0) {
    send_packet(peer, false, now);
  }
  mouth->was_silent = !talks;
  mouth->timestamp += PACKET_SAMPLES;
}

uint64_t peer_speak(struct peer *peer, uint64_t now) {
  struct mouth *mouth = peer->mouth;
  if (peer->state != PEER_OPEN) return mouth->next_ns = now + PACKET_MS * MS;
  while (mouth->next_ns <= now) {
    speak_slot(peer);
    mouth->next_ns += PACKET_MS * MS;
  }
  return mouth->next_ns;
}

uint32_t peer_lost(const struct peer *peer) {
  uint32_t lost = 0;
  for (int i = 0; i < peer->stream_count; i++) lost += stream_lost(&peer->streams[i]);
  return lost;
}

void peer_mark(struct peer *peer) {
  for (int i = 0; i < peer->stream_count; i++) stream_mark(&peer->streams[i]);
}

void peer_close(struct peer *peer) {
  dtls_close(peer->dtls);
  close(peer->fd);
  free(peer->local_pwd);
  free(peer->remote_pwd);
  free(peer->mouth);
  free(peer);
}
