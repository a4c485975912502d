/*
 * sendto-loop HOST: the floor. Passes each datagram that looks like RTP to everybody who said hello (one byte), by
 * one sendto() each, without a look at it. Prints its port. Ends with stdin.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENERS_MAX = 65536, BUFFER_BYTES = 4 << 20 };

static struct sockaddr_in listeners[LISTENERS_MAX];
static int listener_count;

static void welcome(const struct sockaddr_in *from) {
  for (int i = 0; i < listener_count; i++)
    if (listeners[i].sin_port == from->sin_port && listeners[i].sin_addr.s_addr == from->sin_addr.s_addr) return;
  if (listener_count < LISTENERS_MAX) listeners[listener_count++] = *from;
}

static void pass(int fd, const uint8_t *packet, size_t length, const struct sockaddr_in *from) {
  for (int i = 0; i < listener_count; i++) {
    if (listeners[i].sin_port == from->sin_port) continue;
    (void)!sendto(fd, packet, length, MSG_DONTWAIT, (struct sockaddr *)&listeners[i], sizeof listeners[i]);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in own = {.sin_family = AF_INET}, from;
  if (argc != 2 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER_BYTES;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  socklen_t length = sizeof own;
  if (bind(fd, (struct sockaddr *)&own, length) != 0 || getsockname(fd, (struct sockaddr *)&own, &length) != 0) return 1;
  printf("%u\n", ntohs(own.sin_port));
  fflush(stdout);
  struct pollfd watched[2] = {{.fd = fd, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
  for (;;) {
    uint8_t packet[2048];
    poll(watched, 2, -1);
    if (watched[1].revents && read(STDIN_FILENO, packet, sizeof packet) <= 0) return 0;
    length = sizeof from;
    ssize_t count = recvfrom(fd, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
    if (count == 1) welcome(&from);
    else if (count > 1) pass(fd, packet, (size_t)count, &from);
  }
}
