/*
 * A Raspberry Pi that is not there, for tests on any Linux: loaded into a process with LD_PRELOAD, it gives the C library
 * rpi_ws281x and the project's own drivers the files, registers and time that they would find on a board, and writes down
 * what would have left its pins.
 *
 *     gcc -O2 -shared -fPIC -o fakepi.so fakepi.c -ldl -lpthread
 *     LD_PRELOAD=./fakepi.so FAKEPI_LOG=log.jsonl python3 program.py
 *
 * Environment:
 *     FAKEPI_LOG       where the log goes (fakepi.jsonl); one JSON object a line, see below
 *     FAKEPI_REV       board revision, hexadecimal (b03115, a Pi 4 B)
 *     FAKEPI_MODEL     board model ("Raspberry Pi 4 Model B Rev 1.5")
 *     FAKEPI_DENY      a path that may not be opened (EACCES), as without root
 *     FAKEPI_LEDS      LEDs behind /dev/leds0 (60)
 *     FAKEPI_BUFSIZ    most bytes of one SPI message (4096)
 *
 * Memory. /dev/mem, /dev/gpiomem and /dev/vcio all open one sparse file of 4 GiB, the physical address space: mapping a
 * register maps a place in that file, and the mailbox hands out addresses in it, so that the DMA's sources lie there too.
 *
 * Time. CLOCK_MONOTONIC and CLOCK_MONOTONIC_RAW stand still until the process sleeps, which takes no real time at all, or
 * asks for them, which takes a microsecond. So a test is neither slow nor ever early or late on a busy machine. Only
 * select(), which waits for another process, waits in real time too.
 *
 * Hardware. It moves when the time does: the PWM's clock manager turns its busy bit, and a DMA channel that was set going
 * reads its buffer at the pace at which the PWM sends: word by word, each when its time has come. A program that writes
 * into the buffer before that has sent something else than it meant to, here as on a board.
 *
 * Log.
 *     {"kind":"pwm", "dma", "ti", "dst", "start_ns", "end_ns", "bit_hz", "pwmctl", "fsel1", "cut", "hex"}
 *                     a DMA transfer to the PWM as it was sent; cut: it was stopped before its end, and hex is shorter
 *     {"kind":"spi", "at_ns", "hz", "mode", "bits", "hex"}      one message on /dev/spidev0.0
 *     {"kind":"leds", "brightness", "hex"}                      one frame on /dev/leds0, in the order of the wire
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define REAL(result, name, ...)                          \
    static result (*real)(__VA_ARGS__);                  \
    if (!real)                                           \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define SPACE 0x100000000ULL
#define BUS_BITS 0xC0000000u /* which view of the memory a bus address means; not part of the place */
#define FIRST_FREE 0x10000000u

#define PWM_CLOCK 0x1010a0
#define PCM_CLOCK 0x101098
#define PWM 0x20c000
#define PWM_FIFO_BUS 0x7e20c018u
#define GPIO 0x200000
#define DMA 0x7000
#define DMA_STEP 0x100
#define DMAS 15
#define FAKE_FDS 1024

enum { CLOCK_CTL, CLOCK_DIV };
enum { CLOCK_ENABLE = 1 << 4, CLOCK_KILL = 1 << 5, CLOCK_BUSY = 1 << 7 };
enum { DMA_CS, DMA_BLOCK };
enum { DMA_ACTIVE = 1 << 0, DMA_END = 1 << 1, DMA_INT = 1 << 2 };
#define DMA_RESET (1u << 31)
enum { BLOCK_TI, BLOCK_SOURCE, BLOCK_DEST, BLOCK_LENGTH };
enum { PWM_ON = 1 << 0 };

/* Where the registers begin, and the crystal: Pi 1 and Zero, Pi 2 and 3, Pi 4. */
static const struct {
    uint32_t base;
    uint64_t crystal_hz;
} generations[] = {{0x20000000u, 19200000}, {0x3f000000u, 19200000}, {0xfe000000u, 54000000}};
#define GENERATIONS 3

struct transfer {
    int running;
    uint32_t ti, source, dest, length, sent;
    uint64_t start_ns, bit_hz;
    uint8_t *got;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int space_fd = -1;
static uint8_t *space;
static FILE *log_file;
static uint64_t now_ns = 1000000000000ULL;
static struct transfer transfers[GENERATIONS][DMAS];

static struct fake {
    enum { NOT_OURS, SPI_FILE, LEDS_FILE } kind;
    uint32_t hz, position;
    uint8_t mode, bits;
} fakes[FAKE_FDS];
static uint8_t brightness = 255;

static const char *setting(const char *name, const char *usual)
{
    const char *value = getenv(name);
    return value ? value : usual;
}

static void hex(const uint8_t *bytes, size_t count)
{
    fputs("\"hex\":\"", log_file);
    for (size_t i = 0; i < count; i++)
        fprintf(log_file, "%02x", bytes[i]);
    fputs("\"}\n", log_file);
    fflush(log_file);
}

static volatile uint32_t *word(uint64_t place)
{
    return (volatile uint32_t *)(space + (place & (SPACE - 4)));
}

static void die(const char *what)
{
    fprintf(stderr, "fakepi: %s: %s\n", what, strerror(errno));
    abort();
}

static void start(void)
{
    REAL(FILE *, fopen, const char *, const char *);
    space_fd = memfd_create("fakepi", MFD_CLOEXEC);
    if (space_fd < 0 || ftruncate(space_fd, SPACE))
        die("no memory file");
    space = mmap(NULL, SPACE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, space_fd, 0);
    if (space == MAP_FAILED)
        die("no address space");
    log_file = real(setting("FAKEPI_LOG", "fakepi.jsonl"), "a");
    if (!log_file)
        die("no log");
}

/* --- the hardware, moved with the lock held ------------------------------------------------------------------------ */

static void finish(int generation, int number, int cut)
{
    struct transfer *t = &transfers[generation][number];
    uint64_t base = generations[generation].base;
    fprintf(log_file,
            "{\"kind\":\"pwm\",\"dma\":%d,\"ti\":%u,\"dst\":%u,\"start_ns\":%llu,\"end_ns\":%llu,\"bit_hz\":%llu,"
            "\"pwmctl\":%u,\"fsel1\":%u,\"cut\":%s,",
            number, t->ti, t->dest, (unsigned long long)t->start_ns, (unsigned long long)now_ns,
            (unsigned long long)t->bit_hz, *word(base + PWM), word(base + GPIO)[1], cut ? "true" : "false");
    hex(t->got, t->sent);
    free(t->got);
    memset(t, 0, sizeof *t);
}

static void move_dma(int generation, int number)
{
    struct transfer *t = &transfers[generation][number];
    uint64_t base = generations[generation].base;
    volatile uint32_t *dma = word(base + DMA + DMA_STEP * number);

    if (dma[DMA_CS] & DMA_RESET) {
        if (t->running)
            finish(generation, number, 1);
        dma[DMA_CS] = 0;
    }
    if (!(dma[DMA_CS] & DMA_ACTIVE)) {
        dma[DMA_CS] &= ~(uint32_t)(DMA_END | DMA_INT); /* a program writes them to clear them */
        return;
    }
    if (!t->running) {
        volatile uint32_t *block = word(dma[DMA_BLOCK] & ~BUS_BITS);
        uint32_t divisor = (*word(base + PWM_CLOCK + 4 * CLOCK_DIV) >> 12) & 0xfff;
        *t = (struct transfer){1, block[BLOCK_TI], block[BLOCK_SOURCE] & ~BUS_BITS, block[BLOCK_DEST],
                               block[BLOCK_LENGTH] & ~3u, 0, now_ns,
                               divisor ? generations[generation].crystal_hz / divisor : 0, NULL};
        t->got = calloc(1, t->length + 4);
        if (!t->got)
            die("no memory for a transfer");
    }
    if (t->dest != PWM_FIFO_BUS || !t->bit_hz || !(*word(base + PWM) & PWM_ON)) {
        dma[DMA_CS] &= ~(uint32_t)DMA_ACTIVE;
        finish(generation, number, 1);
        return;
    }
    /* Two channels take turns, so two words go out in the time of 32 bits. */
    uint64_t due = (now_ns - t->start_ns) * t->bit_hz / 32 / 1000000000ULL * 8;
    while (t->sent < t->length && t->sent < due) {
        memcpy(t->got + t->sent, (const void *)word((uint64_t)t->source + t->sent), 4);
        t->sent += 4;
    }
    if (t->sent == t->length) {
        dma[DMA_CS] = (dma[DMA_CS] & ~(uint32_t)DMA_ACTIVE) | DMA_END;
        finish(generation, number, 0);
    }
}

static void move_clock(volatile uint32_t *clock)
{
    if (clock[CLOCK_CTL] & CLOCK_KILL)
        clock[CLOCK_CTL] = 0;
    else if (clock[CLOCK_CTL] & CLOCK_ENABLE)
        clock[CLOCK_CTL] |= CLOCK_BUSY;
}

static void move(void)
{
    if (!space)
        return;
    for (int generation = 0; generation < GENERATIONS; generation++) {
        move_clock(word(generations[generation].base + PWM_CLOCK));
        move_clock(word(generations[generation].base + PCM_CLOCK));
        for (int number = 0; number < DMAS; number++)
            move_dma(generation, number);
    }
}

/* The DMA needs no process: what runs when one ends runs to its end, whoever it belonged to. */
__attribute__((destructor)) static void end(void)
{
    pthread_mutex_lock(&lock);
    move();
    now_ns += 1000000000ULL;
    move();
    pthread_mutex_unlock(&lock);
}

/* --- time ---------------------------------------------------------------------------------------------------------- */

/* The hardware moves before and after: what the program wrote until now is there at the old time already. */
static void pass(uint64_t ns)
{
    pthread_mutex_lock(&lock);
    move();
    now_ns += ns;
    move();
    pthread_mutex_unlock(&lock);
}

static uint64_t in_ns(const struct timespec *t)
{
    return (uint64_t)t->tv_sec * 1000000000ULL + (uint64_t)t->tv_nsec;
}

static uint64_t real_ns(void)
{
    REAL(int, clock_gettime, clockid_t, struct timespec *);
    struct timespec t;
    real(CLOCK_MONOTONIC, &t);
    return in_ns(&t);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    REAL(int, clock_gettime, clockid_t, struct timespec *);
    if (id != CLOCK_MONOTONIC && id != CLOCK_MONOTONIC_RAW)
        return real(id, t);
    pass(1000);
    *t = (struct timespec){(time_t)(now_ns / 1000000000ULL), (long)(now_ns % 1000000000ULL)};
    return 0;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *t, struct timespec *rest)
{
    uint64_t ns = in_ns(t);
    (void)id, (void)rest;
    if (flags & TIMER_ABSTIME)
        ns = ns > now_ns ? ns - now_ns : 0;
    pass(ns);
    return 0;
}

int nanosleep(const struct timespec *t, struct timespec *rest)
{
    (void)rest;
    pass(in_ns(t));
    return 0;
}

int usleep(useconds_t us)
{
    pass((uint64_t)us * 1000);
    return 0;
}

/* Waiting for somebody else is real, and the time of the board passes with it. */
int select(int count, fd_set *readable, fd_set *writable, fd_set *special, struct timeval *limit)
{
    REAL(int, select, int, fd_set *, fd_set *, fd_set *, struct timeval *);
    uint64_t before = real_ns();
    int ready = real(count, readable, writable, special, limit);
    int error = errno;
    pass(real_ns() - before);
    errno = error;
    return ready;
}

/* --- files --------------------------------------------------------------------------------------------------------- */

/* What a file of the board would hold; the number of bytes, -1 for a file that is not the board's. */
static int board_file(const char *path, char *text, size_t room)
{
    uint32_t revision = (uint32_t)strtoul(setting("FAKEPI_REV", "b03115"), NULL, 16);
    if (!strcmp(path, "/proc/cpuinfo"))
        return snprintf(text, room, "Revision\t: %x\n", revision);
    if (!strcmp(path, "/proc/device-tree/model"))
        return snprintf(text, room, "%s", setting("FAKEPI_MODEL", "Raspberry Pi 4 Model B Rev 1.5")) + 1;
    if (!strcmp(path, "/proc/device-tree/system/linux,revision")) {
        revision = __builtin_bswap32(revision);
        memcpy(text, &revision, sizeof revision);
        return sizeof revision;
    }
    return -1;
}

static int memory_file(const char *text, int length)
{
    int fd = memfd_create("fakepi-file", MFD_CLOEXEC);
    if (fd < 0 || pwrite(fd, text, (size_t)length, 0) != length)
        die("no file in memory");
    return fd;
}

/* A descriptor for a path of the board, -1 with errno for one that is denied, -2 for any other path. */
static int open_board(const char *path)
{
    char text[256];
    int fd = -2, length;
    if (!strcmp(path, setting("FAKEPI_DENY", ""))) {
        errno = EACCES;
        return -1;
    }
    if (!strcmp(path, "/dev/mem") || !strcmp(path, "/dev/gpiomem") || !strcmp(path, "/dev/vcio")) {
        pthread_once(&once, start);
        return fcntl(space_fd, F_DUPFD_CLOEXEC, 0);
    }
    if ((length = board_file(path, text, sizeof text)) >= 0)
        return memory_file(text, length);
    if (!strcmp(path, "/dev/spidev0.0") || !strcmp(path, "/dev/leds0")) {
        pthread_once(&once, start);
        fd = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC); /* a character device, as on a board */
        if (fd < 0 || fd >= FAKE_FDS)
            die("no device");
        fakes[fd] = (struct fake){.kind = path[5] == 's' ? SPI_FILE : LEDS_FILE};
    }
    return fd;
}

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...)           \
    {                                                    \
        REAL(int, name, const char *, int, ...);         \
        va_list rest;                                    \
        va_start(rest, flags);                           \
        mode_t mode = va_arg(rest, mode_t);              \
        va_end(rest);                                    \
        int fd = open_board(path);                       \
        return fd != -2 ? fd : real(path, flags, mode);  \
    }
OPEN(open)
OPEN(open64)

#define FOPEN(name)                                                       \
    FILE *name(const char *path, const char *mode)                        \
    {                                                                     \
        REAL(FILE *, name, const char *, const char *);                   \
        char text[256];                                                   \
        int length = board_file(path, text, sizeof text);                 \
        return length < 0 ? real(path, mode) : fdopen(memory_file(text, length), mode); \
    }
FOPEN(fopen)
FOPEN(fopen64)

int close(int fd)
{
    REAL(int, close, int);
    if (fd >= 0 && fd < FAKE_FDS)
        fakes[fd].kind = NOT_OURS;
    return real(fd);
}

static ssize_t write_spi(struct fake *file, const uint8_t *bytes, size_t count)
{
    if (count > strtoul(setting("FAKEPI_BUFSIZ", "4096"), NULL, 10)) {
        errno = EMSGSIZE;
        return -1;
    }
    fprintf(log_file, "{\"kind\":\"spi\",\"at_ns\":%llu,\"hz\":%u,\"mode\":%u,\"bits\":%u,", (unsigned long long)now_ns,
            file->hz, file->mode, file->bits);
    hex(bytes, count);
    if (file->hz)
        now_ns += count * 8 * 1000000000ULL / file->hz;
    return (ssize_t)count;
}

/* As the kernel's ws2812-pio does it: a lone byte first is the brightness, then one frame until it is opened again. */
static ssize_t write_leds(struct fake *file, const uint8_t *bytes, size_t count)
{
    size_t room = strtoul(setting("FAKEPI_LEDS", "60"), NULL, 10) * 4;
    int error = 0;
    if (count > room) {
        error = EFBIG;
        count = room;
    }
    if (file->position + count > room) {
        error = error ? error : ENOSPC;
        count = room - file->position;
    }
    if (!file->position && count == 1)
        brightness = bytes[0];
    else if (count) {
        uint8_t *sent = calloc(1, room);
        if (!sent)
            die("no memory for a frame");
        for (size_t i = 0; i < count; i++)
            sent[file->position + (i ^ ((i & 3) < 2))] = bytes[i]; /* green before red */
        file->position += (uint32_t)count;
        fprintf(log_file, "{\"kind\":\"leds\",\"brightness\":%u,", brightness);
        hex(sent, room);
        free(sent);
    }
    if (!error)
        return (ssize_t)count;
    errno = error;
    return -1;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    REAL(ssize_t, write, int, const void *, size_t);
    if (fd < 0 || fd >= FAKE_FDS || fakes[fd].kind == NOT_OURS)
        return real(fd, bytes, count);
    pthread_mutex_lock(&lock);
    ssize_t done = fakes[fd].kind == SPI_FILE ? write_spi(&fakes[fd], bytes, count) : write_leds(&fakes[fd], bytes, count);
    pthread_mutex_unlock(&lock);
    return done;
}

/* The firmware's mailbox: memory for the DMA. message: size, status, tag, room, length, then the values. */
static int mailbox(uint32_t *message)
{
    enum { ALLOCATE = 0x3000c, LOCK = 0x3000d, DONE = 0x80000000u };
    static uint32_t next = FIRST_FREE;
    switch (message[2]) {
    case ALLOCATE: {
        uint32_t size = message[5];
        message[5] = next >> 12; /* a handle, here the page */
        next += (size + 0xfff) & ~0xfffu;
        break;
    }
    case LOCK:
        message[5] = message[5] << 12 | BUS_BITS;
        break;
    default:
        message[5] = 0;
    }
    message[1] = DONE;
    return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
    REAL(int, ioctl, int, unsigned long, ...);
    va_list rest;
    va_start(rest, request);
    void *value = va_arg(rest, void *);
    va_end(rest);
    unsigned type = (request >> 8) & 0xff, number = request & 0xff;
    if (type == 100 && space)
        return mailbox(value);
    if (fd >= 0 && fd < FAKE_FDS && fakes[fd].kind == SPI_FILE && type == 'k') {
        if (number == 1)
            fakes[fd].mode = *(uint8_t *)value;
        else if (number == 3)
            fakes[fd].bits = *(uint8_t *)value;
        else if (number == 4)
            fakes[fd].hz = *(uint32_t *)value;
        else {
            errno = EINVAL;
            return -1;
        }
        return 0;
    }
    return real(fd, request, value);
}
