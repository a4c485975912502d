/*
 * loadgen SPEECH-FILE: many WebRTC participants in one process, for the benches. They connect, speak and listen
 * like browsers do (ICE, DTLS-SRTP, RTP, RTCP), without decoding. Signalling is the caller's, by lines on stdin:
 *
 *   peer ID GROUP(audience|stage) KIND(webrtc|plain) HOST PORT L-UFRAG L-PWD R-UFRAG R-PWD SHA256-HEX SSRC PT OFFERED-NS
 *   talk ID MS MS MS ...     silence, talk, silence, ...; over and over. Without numbers: silent
 *   leave FIRST LAST
 *   sample N                 open every Nth packet of a listener in the audience, all of one on stage
 *   measure                  begin a window
 *   status | report | firsts FIRST LAST     each is answered by one line of JSON
 *
 * Ends with stdin. Times are CLOCK_MONOTONIC; arrivals are the kernel's receive time stamps, so that a late reader
 * here is not taken for a late packet.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "peer.h"
#include "speech.h"

enum {
  PEERS_MAX = 1 << 18,
  EVENTS_MAX = 512,
  READS_AT_ONCE = 32, /* then who speaks has their turn: what is sent late would be taken for late forwarding */
  LINE_MAX_BYTES = 1 << 16,
  TICK_MS = 10,
  KEEPALIVE_MS = 2500,
  SLICES = KEEPALIVE_MS / TICK_MS,
  MOUTHS_MAX = 64,
  FILES_WANTED = 65536,
};
static const uint64_t MS = 1000000;

static struct peer *peers[PEERS_MAX];
static uint32_t peers_end; /* ids in use are below */
static uint32_t connecting[PEERS_MAX]; /* ids; some may have ended */
static uint32_t connecting_count;
static struct peer *mouths[MOUTHS_MAX];
static int mouth_count;
static int poll_fd;
static uint64_t measured_from_ns, measured_cpu_us;

static void fail(const char *what, const char *line) {
  fprintf(stderr, "loadgen: %s: %.200s\n", what, line);
  exit(2);
}

static uint64_t own_cpu_us(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
         (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static struct peer *peer_by_id(unsigned id) { return id < PEERS_MAX ? peers[id] : NULL; }

static void read_fingerprint(uint8_t *out, const char *hex) {
  for (int i = 0; i < DTLS_FINGERPRINT_BYTES; i++) {
    unsigned byte = 0;
    sscanf(hex + 2 * i, "%2x", &byte);
    out[i] = (uint8_t)byte;
  }
}

static void add_peer(const char *line) {
  struct peer_offer offer = {0};
  char group[16], kind[16], host[64], fingerprint[80];
  unsigned port, payload_type;
  unsigned long long offered_ns;
  int fields = sscanf(line, "peer %u %15s %15s %63s %u %259s %259s %259s %259s %79s %u %u %llu", &offer.id, group, kind,
                      host, &port, offer.local_ufrag, offer.local_pwd, offer.remote_ufrag, offer.remote_pwd,
                      fingerprint, &offer.ssrc, &payload_type, &offered_ns);
  if (fields != 13 || offer.id >= PEERS_MAX || peers[offer.id]) fail("not a peer", line);
  offer.group = strcmp(group, "stage") == 0 ? GROUP_STAGE : GROUP_AUDIENCE;
  offer.is_plain = strcmp(kind, "plain") == 0;
  offer.payload_type = (uint8_t)payload_type;
  offer.offered_ns = offered_ns;
  offer.remote = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, host, &offer.remote.sin_addr) != 1) fail("not an IPv4 address", host);
  if (!offer.is_plain) read_fingerprint(offer.fingerprint, fingerprint);
  struct peer *peer = peer_open(&offer);
  if (!peer) {
    perror("loadgen: socket");
    exit(2);
  }
  peers[peer->id] = peer;
  if (peer->id >= peers_end) peers_end = peer->id + 1;
  if (connecting_count < PEERS_MAX) connecting[connecting_count++] = peer->id;
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = peer};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, peer->fd, &event) != 0) fail("epoll", line);
}

static void set_talk(char *line) {
  struct talk talk = {0};
  char *rest = line + strlen("talk ");
  struct peer *peer = peer_by_id((unsigned)strtoul(rest, &rest, 10));
  if (!peer) fail("nobody", line);
  for (char *end; talk.span_count < TALK_SPANS_MAX; rest = end) {
    uint32_t span = (uint32_t)strtoul(rest, &end, 10);
    if (end == rest) break;
    talk.spans_ms[talk.span_count++] = span;
    talk.period_ms += span;
  }
  if (!peer->mouth) {
    if (mouth_count == MOUTHS_MAX) fail("too many speakers", line);
    mouths[mouth_count++] = peer;
  }
  peer_talk(peer, &talk, now_ns());
}

static void forget_mouth(struct peer *peer) {
  for (int i = 0; i < mouth_count; i++)
    if (mouths[i] == peer) mouths[i--] = mouths[--mouth_count];
}

static void leave(unsigned first, unsigned last) {
  for (unsigned id = first; id <= last && id < PEERS_MAX; id++) {
    if (!peers[id]) continue;
    forget_mouth(peers[id]);
    peer_close(peers[id]);
    peers[id] = NULL;
  }
}

static void begin_window(void) {
  for (int group = 0; group < GROUP_COUNT; group++) meter_reset(&meters[group]);
  for (uint32_t id = 0; id < peers_end; id++)
    if (peers[id]) peer_mark(peers[id]);
  sent_packets = 0;
  measured_from_ns = now_ns();
  measured_cpu_us = own_cpu_us();
}

static void print_status(void) {
  uint32_t states[PEER_FAILED + 1] = {0}, hearing = 0;
  for (uint32_t id = 0; id < peers_end; id++) {
    if (!peers[id]) continue;
    states[peers[id]->state] += 1;
    hearing += peers[id]->first_packet_ns != 0;
  }
  printf("{\"connecting\":%u,\"open\":%u,\"failed\":%u,\"hearing\":%u}\n",
         states[PEER_CHECKING] + states[PEER_HANDSHAKING], states[PEER_OPEN], states[PEER_FAILED], hearing);
}

static void print_group(int group) {
  const struct meter *meter = &meters[group];
  uint64_t lost = 0;
  uint32_t listeners = 0;
  for (uint32_t id = 0; id < peers_end; id++) {
    if (!peers[id] || peers[id]->group != group) continue;
    listeners += 1;
    lost += peer_lost(peers[id]);
  }
  printf("{\"listeners\":%u,\"packets\":%lu,\"bytes\":%lu,\"lost\":%lu,\"frames\":%lu,\"undecryptable\":%lu,"
         "\"unstamped\":%lu,\"rightSound\":%lu,\"wrongSound\":%lu,\"firstFrame\":",
         listeners, meter->packets, meter->bytes, lost, meter->frames, meter->undecryptable, meter->unstamped,
         meter->right_sound, meter->wrong_sound);
  meter_print_bins(stdout, meter->first_frame);
  printf(",\"lastFrame\":");
  meter_print_bins(stdout, meter->last_frame);
  printf("}");
}

static void print_report(void) {
  printf("{\"windowMs\":%.3f,\"ownCpuMs\":%.3f,\"sent\":%lu,\"audience\":", (double)(now_ns() - measured_from_ns) / 1e6,
         (double)(own_cpu_us() - measured_cpu_us) / 1e3, sent_packets);
  print_group(GROUP_AUDIENCE);
  printf(",\"stage\":");
  print_group(GROUP_STAGE);
  printf("}\n");
}

/* From the offer, in ms: [[open, first packet], ...]; -1 for what has not happened. */
static void print_firsts(unsigned first, unsigned last) {
  const char *separator = "";
  putchar('[');
  for (unsigned id = first; id <= last && id < peers_end; id++) {
    const struct peer *peer = peers[id];
    if (!peer) continue;
    double open = peer->open_ns ? (double)(int64_t)(peer->open_ns - peer->offered_ns) / 1e6 : -1;
    double heard = peer->first_packet_ns ? (double)(int64_t)(peer->first_packet_ns - peer->offered_ns) / 1e6 : -1;
    printf("%s[%.3f,%.3f]", separator, open, heard);
    separator = ",";
  }
  printf("]\n");
}

static void obey(char *line) {
  unsigned first = 0, last = 0;
  if (strncmp(line, "peer ", 5) == 0) add_peer(line);
  else if (strncmp(line, "talk ", 5) == 0) set_talk(line);
  else if (sscanf(line, "leave %u %u", &first, &last) == 2) leave(first, last);
  else if (sscanf(line, "sample %u", &first) == 1 && first > 0) sample_every = first;
  else if (strcmp(line, "measure") == 0) begin_window();
  else if (strcmp(line, "status") == 0) print_status();
  else if (strcmp(line, "report") == 0) print_report();
  else if (sscanf(line, "firsts %u %u", &first, &last) == 2) print_firsts(first, last);
  else fail("unknown command", line);
}

static void read_commands(void) {
  static char buffer[LINE_MAX_BYTES];
  static size_t held;
  for (;;) {
    ssize_t count = read(STDIN_FILENO, buffer + held, sizeof buffer - held - 1);
    if (count == 0) exit(0);
    if (count < 0) break;
    held += (size_t)count;
    char *begin = buffer;
    for (char *end; (end = memchr(begin, '\n', held - (size_t)(begin - buffer))); begin = end + 1) {
      *end = 0;
      obey(begin);
    }
    held -= (size_t)(begin - buffer);
    memmove(buffer, begin, held);
    if (held == sizeof buffer - 1) fail("line too long", "");
  }
  fflush(stdout);
}

static bool is_connecting(const struct peer *peer) {
  return peer && (peer->state == PEER_CHECKING || peer->state == PEER_HANDSHAKING);
}

/* Connecting peers each time, open ones in slices, so that the keepalives of thousands are spread evenly. */
static void tick(uint64_t now) {
  static uint32_t slice;
  slice = (slice + 1) % SLICES;
  for (uint32_t id = slice; id < peers_end; id += SLICES)
    if (peers[id]) peer_keep_alive(peers[id], now);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < connecting_count; i++) {
    struct peer *peer = peers[connecting[i]];
    if (!is_connecting(peer)) continue;
    peer_tick(peer, now);
    connecting[kept++] = connecting[i];
  }
  connecting_count = kept;
}

static int64_t real_offset_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec - (int64_t)now_ns();
}

static void speak_in_time(void) {
  uint64_t now = now_ns();
  for (int i = 0; i < mouth_count; i++)
    if (mouths[i]->mouth->next_ns <= now) peer_speak(mouths[i], now);
}

static void run(void) {
  static struct epoll_event events[EVENTS_MAX];
  uint64_t next_tick = now_ns();
  for (;;) {
    uint64_t now = now_ns(), due = next_tick;
    for (int i = 0; i < mouth_count; i++)
      if (mouths[i]->mouth->next_ns < due) due = mouths[i]->mouth->next_ns;
    uint64_t wait_ns = due > now ? due - now : 0;
    struct timespec timeout = {(time_t)(wait_ns / 1000000000), (long)(wait_ns % 1000000000)};
    int count = epoll_pwait2(poll_fd, events, EVENTS_MAX, &timeout, NULL);
    int64_t offset = real_offset_ns();
    bool has_commands = false;
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL) has_commands = true;
      else peer_read(events[i].data.ptr, offset);
      if (i % READS_AT_ONCE == 0) speak_in_time();
    }
    speak_in_time();
    now = now_ns();
    if (now >= next_tick) {
      tick(now);
      next_tick = now + TICK_MS * MS;
    }
    /* Last: a command may free peers that have events in this round. */
    if (has_commands) read_commands();
  }
}

/* How many sockets there may be. */
static unsigned long raise_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  struct rlimit wanted = {FILES_WANTED, limit.rlim_max > FILES_WANTED ? limit.rlim_max : FILES_WANTED};
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return wanted.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage", "loadgen SPEECH-FILE");
  char fingerprint[96];
  signal(SIGPIPE, SIG_IGN);
  unsigned long files = raise_file_limit();
  speech_load(argv[1]);
  dtls_setup(fingerprint);
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) fail("stdin", "must be a pipe");
  begin_window();
  printf("{\"fingerprint\":\"%s\",\"files\":%lu}\n", fingerprint, files);
  fflush(stdout);
  run();
}
