#ifndef PEER_H
#define PEER_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "dtls.h"
#include "meter.h"
#include "srtp.h"
#include "stun.h"

/* One WebRTC participant: a socket of its own, controlling ICE agent, DTLS client, SRTP both ways. */
enum peer_state { PEER_CHECKING, PEER_HANDSHAKING, PEER_OPEN, PEER_FAILED };
enum { GROUP_AUDIENCE, GROUP_STAGE, GROUP_COUNT };
enum { CREDENTIAL_BYTES = 260, STREAMS_MAX = 8, TALK_SPANS_MAX = 256 };

struct peer_offer {
  uint32_t id;
  uint8_t group;
  bool is_plain; /* RTP as it is, without ICE and DTLS: the floor */
  struct sockaddr_in remote;
  char local_ufrag[CREDENTIAL_BYTES], local_pwd[CREDENTIAL_BYTES];
  char remote_ufrag[CREDENTIAL_BYTES], remote_pwd[CREDENTIAL_BYTES];
  uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
  uint32_t ssrc;
  uint8_t payload_type;
  uint64_t offered_ns; /* when its offer was sent, CLOCK_MONOTONIC */
};

/* Alternating silence and talk, in ms, beginning with silence; over and over. */
struct talk {
  uint32_t spans_ms[TALK_SPANS_MAX];
  uint32_t span_count;
  uint32_t period_ms;
};

struct mouth {
  struct talk talk;
  bool is_on;
  bool was_silent;
  uint64_t began_ns;
  uint64_t next_ns;
  uint32_t silent_slots;
  uint32_t timestamp;
  uint32_t sequence_number; /* its upper half: rollovers */
  uint16_t packet_index;
};

struct peer {
  uint32_t id;
  int fd;
  enum peer_state state;
  uint8_t group;
  bool is_plain;
  uint8_t payload_type;
  uint32_t ssrc;
  char username[2 * CREDENTIAL_BYTES];
  char *local_pwd, *remote_pwd;
  uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
  uint8_t check_id[STUN_ID_BYTES];
  uint64_t began_ns, offered_ns, next_check_ns, open_ns, first_packet_ns;
  struct dtls *dtls;
  struct srtp in, out;
  bool has_keys;
  uint32_t rtcp_index;
  uint32_t packet_count;
  uint8_t stream_count;
  struct stream streams[STREAMS_MAX];
  struct mouth *mouth;
  uint64_t reported_ns;
};

/* Shared by all peers. */
extern struct meter meters[GROUP_COUNT];
extern uint32_t sample_every;
extern uint64_t sent_packets;

uint64_t now_ns(void);
/* NULL where no socket can be had. */
struct peer *peer_open(const struct peer_offer *offer);
/* Reads all that waits. `real_offset_ns`: CLOCK_REALTIME minus CLOCK_MONOTONIC. */
void peer_read(struct peer *peer, int64_t real_offset_ns);
/* Retransmissions while connecting. */
void peer_tick(struct peer *peer, uint64_t now);
/* Every KEEPALIVE_MS once open: a check, and now and then a receiver report. */
void peer_keep_alive(struct peer *peer, uint64_t now);
void peer_talk(struct peer *peer, const struct talk *talk, uint64_t now);
/* Sends what is due; gives when the next packet is. */
uint64_t peer_speak(struct peer *peer, uint64_t now);
uint32_t peer_lost(const struct peer *peer);
void peer_mark(struct peer *peer);
void peer_close(struct peer *peer);
#endif
