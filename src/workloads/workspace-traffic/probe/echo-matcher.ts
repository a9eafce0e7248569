import type { Tallies } from "../../../load/tally.ts";
import type { Window } from "../../../load/window.ts";
import type { EchoCounts } from "./echo-counts.ts";
import { digitValue, HEADER, headerByte, MARK, type Payload, SEQUENCES } from "./payload.ts";

export interface Echo {
  payload: Payload;
  /** Chooses the connection's own stretches of the payload. */
  salt: number;
  /** Bytes of one echo. */
  length: number;
  /** What an echo ends in, other than payload: CR LF from a terminal that echoes lines. */
  tail: Buffer;
}

/** What a connection's ticks came to in all. */
export type EchoTotals = Record<"sent" | "echoed" | "wrong" | "lost" | "bytesExtra" | "bytesWrong", number>;

/** What a terminal's session repeats of what it has said, at most (docs/coder-api.md, Web terminal). */
const REPLAY_BYTES = 64 * 1024;

/** A header that was counted off not long ago: its tick comes back a second time. */
const REMEMBERED = 4_096;

/**
 * Follows the stream of echoes of one connection and says what became of each tick, by the number that it
 * carries. Where a stretch does not match, bytes are taken as changed for as long as they stand in their
 * place; a later tick's header in the midst of it shows what is missing, the same one again what is too much.
 */
export class EchoMatcher {
  /** Of this connection's whole life. */
  readonly totals: EchoTotals = { sent: 0, echoed: 0, wrong: 0, lost: 0, bytesExtra: 0, bytesWrong: 0 };
  #echo: Echo;
  #tallies: Tallies<EchoCounts>;
  #window: Readonly<Window>;
  /** Intended times of the ticks under way, the oldest at `#head`. */
  #due = new Float64Array(4);
  #head = 0;
  #count = 0;
  #lastDue = Number.NEGATIVE_INFINITY;
  /** Sequence number of the oldest tick under way, and of the next to be sent. */
  #oldest = 0;
  #next = 0;
  /** Bytes of the oldest tick's echo that have come. */
  #position = 0;
  /** Bytes of the oldest tick since the first that did not match, and where that was. */
  #suspect: Buffer | undefined;
  #suspectFrom = 0;
  #suspectBytes = 0;
  /** Skipping until a tick under way begins; `quiet`: what is skipped is a replay, and no fault. */
  #seeking: "quiet" | "extra" | undefined;
  /** Header bytes of what may be a tick, and the number that they say so far. */
  #candidateBytes = 0;
  #candidate = 0;
  /**
   * Whether the session that `resume` was told of is the one from before: only that one can say a tick again that was sent
   * to it. `unknown` until a tick comes, and where it would not show.
   */
  session: "same" | "new" | "unknown" = "unknown";
  /** The number of the first tick that was sent after `resume`, while nothing shows which session it is. */
  #resumedAt: number | undefined;
  /** When the bytes came that are looked at, or the end. */
  #now = 0;

  constructor(echo: Echo, tallies: Tallies<EchoCounts>, window: Readonly<Window>) {
    this.#echo = echo;
    this.#tallies = tallies;
    this.#window = window;
  }

  /** Ticks under way. */
  get outstanding(): number {
    return this.#count;
  }

  /** Those of them that were due from `since` on, and within the measured part. */
  outstandingSince(since: number): number {
    const from = Math.max(since, this.#window.from);
    let count = 0;
    for (let at = 0; at < this.#count; at++) {
      const due = this.#due[(this.#head + at) & (this.#due.length - 1)] ?? 0;
      if (due >= from && due < this.#window.until) count++;
    }
    return count;
  }

  /** Number of the next tick. */
  get next(): number {
    return this.#next;
  }

  /** A tick has been sent that was due at `due`. */
  sent(due: number): void {
    if (this.#count === this.#due.length) this.#grow();
    this.#due[(this.#head + this.#count) & (this.#due.length - 1)] = due;
    this.#count++;
    this.#lastDue = due;
    this.totals.sent++;
    this.#next = (this.#next + 1) % SEQUENCES;
  }

  #grow(): void {
    const { length } = this.#due;
    const grown = new Float64Array(length * 2);
    for (let at = 0; at < this.#count; at++) grown[at] = this.#due[(this.#head + at) & (length - 1)] ?? 0;
    this.#due = grown;
    this.#head = 0;
  }

  /** Takes bytes that came back at `now`. */
  take(bytes: Buffer, start: number, end: number, now: number): void {
    this.#now = now;
    let at = start;
    while (at < end) {
      if (this.#seeking) at = this.#seek(bytes, at, end);
      else if (this.#count === 0) this.#beginSeeking("extra");
      else if (this.#suspect) this.#careful(bytes[at++] ?? 0, now);
      else at = this.#follow(bytes, at, end, now);
    }
  }

  /** The same session goes on over a new connection: what it has said before comes again. */
  resume(): void {
    this.session = "unknown";
    this.#resumedAt = this.#next;
    this.#dropSuspect();
    this.#position = 0;
    this.#beginSeeking("quiet");
  }

  /** Nothing more will come: what is under way is lost, at `now`. */
  finish(now: number): void {
    this.#now = now;
    if (this.#suspect) this.#settle(this.#echo.length - this.#suspectFrom);
    while (this.#count > 0) this.#lose(this.#echo.length - this.#position);
    this.#seeking = undefined;
  }

  /** Compares a stretch in one go. @returns where it went on matching to */
  #follow(bytes: Buffer, start: number, end: number, now: number): number {
    const { length, tail, payload, salt } = this.#echo;
    let at = start;
    let position = this.#position;
    while (position < HEADER && at < end) {
      if (bytes[at] !== headerByte(this.#oldest, position)) return this.#suspectHeader(position, at);
      position++;
      at++;
    }
    const bodyEnd = length - tail.length;
    const body = Math.min(bodyEnd - position, end - at);
    if (body > 0) {
      const from = payload.offset(salt, this.#oldest) + position - HEADER;
      if (bytes.compare(payload.pool, from, from + body, at, at + body) !== 0) {
        let same = 0;
        while (bytes[at + same] === payload.pool[from + same]) same++;
        return this.#suspectAt(position + same, at + same);
      }
      position += body;
      at += body;
    }
    while (position >= bodyEnd && position < length && at < end) {
      if (bytes[at] !== tail[position - bodyEnd]) return this.#suspectAt(position, at);
      position++;
      at++;
    }
    this.#position = position;
    if (position === length) this.#complete(now);
    return at;
  }

  #suspectAt(position: number, at: number): number {
    this.#suspect = Buffer.allocUnsafe(this.#echo.length + HEADER);
    this.#suspectFrom = position;
    this.#suspectBytes = 0;
    this.#candidateBytes = 0;
    return at;
  }

  /** What came of the header so far may be another's: it is looked at again. */
  #suspectHeader(position: number, at: number): number {
    this.#suspectAt(0, at);
    for (let index = 0; index < position; index++) this.#careful(headerByte(this.#oldest, index), 0);
    return at;
  }

  #dropSuspect(): void {
    this.#suspect = undefined;
    this.#candidateBytes = 0;
  }

  /** One byte of a tick that has not matched so far. */
  #careful(byte: number, now: number): void {
    const suspect = this.#suspect;
    if (!suspect) return;
    suspect[this.#suspectBytes++] = byte;
    if (this.#isHeader(byte) && this.#headerFound()) return;
    const room = this.#echo.length - this.#suspectFrom;
    // What may be the next tick's header has to be read to its end first.
    if (this.#suspectBytes < room || this.#candidateBytes > 0) return;
    const rest = Buffer.from(suspect.subarray(room, this.#suspectBytes));
    this.#suspectBytes = room;
    this.#settle(room);
    this.take(rest, 0, rest.length, now);
  }

  /** True when the byte completes a header. */
  #isHeader(byte: number): boolean {
    const value = this.#candidateBytes > 0 ? digitValue(byte) : -1;
    if (value < 0) {
      this.#candidateBytes = byte === MARK ? 1 : 0;
      this.#candidate = 0;
      return false;
    }
    this.#candidate = this.#candidate * 64 + value;
    this.#candidateBytes++;
    return this.#candidateBytes === HEADER;
  }

  /** A header stands in a stretch that does not match. True where it changes how that is to be read. */
  #headerFound(): boolean {
    this.#candidateBytes = 0;
    const before = this.#suspectBytes - HEADER;
    const ahead = (this.#candidate - this.#oldest + SEQUENCES) % SEQUENCES;
    if (ahead < this.#count) {
      if (ahead === 0) {
        // The same tick begins again.
        this.#extra(this.#suspectFrom + before);
        this.#dropSuspect();
      } else {
        this.#settle(before);
        for (let lost = 1; lost < ahead; lost++) this.#lose(this.#echo.length);
      }
      this.#position = HEADER;
      return true;
    }
    // A tick that has come back before, in place of the one that is expected.
    if (SEQUENCES - ahead > REMEMBERED || this.#suspectFrom + before > 0) return false;
    this.#extra(this.#suspectBytes);
    this.#dropSuspect();
    this.#position = 0;
    this.#seeking = "extra";
    return true;
  }

  /**
   * The suspicious tick ends with `came` bytes after those that matched: too few, and some are lost; all, and
   * the ones that differ are wrong.
   */
  #settle(came: number): void {
    const room = this.#echo.length - this.#suspectFrom;
    const bytes = Math.min(came, this.#suspectBytes, room);
    const missing = room - bytes;
    // Bytes may be missing at the end or before: the reading with fewer wrong bytes is taken.
    const wrong = Math.min(
      this.#differences(bytes, this.#suspectFrom),
      this.#differences(bytes, this.#suspectFrom + missing),
    );
    this.#tally().ticks.bytesWrong += wrong;
    this.totals.bytesWrong += wrong;
    this.#dropSuspect();
    if (missing > 0) this.#lose(missing);
    else {
      this.#tally().ticks.wrong++;
      this.totals.wrong++;
      this.#forget();
    }
  }

  #differences(bytes: number, position: number): number {
    let wrong = 0;
    for (let at = 0; at < bytes; at++) if (this.#suspect?.[at] !== this.#expected(position + at)) wrong++;
    return wrong;
  }

  #expected(position: number): number | undefined {
    const { payload, salt, length, tail } = this.#echo;
    if (position < HEADER) return headerByte(this.#oldest, position);
    const bodyEnd = length - tail.length;
    if (position >= bodyEnd) return tail[position - bodyEnd];
    return payload.pool[payload.offset(salt, this.#oldest) + position - HEADER];
  }

  #beginSeeking(how: "quiet" | "extra"): void {
    this.#seeking = how;
    this.#candidateBytes = 0;
  }

  /** The first tick that comes after `resume` was sent before that, to the same session, or after it. */
  #judgeSession(): void {
    if (this.#resumedAt === undefined) return;
    const back = (this.#resumedAt - this.#candidate + SEQUENCES) % SEQUENCES;
    const isBefore = back > 0 && back < SEQUENCES / 2;
    this.#resumedAt = undefined;
    // A session that had said nothing has nothing to repeat, and a long tick may not fit whole into what is repeated.
    const wouldRepeat = this.totals.echoed > 0 && 2 * this.#echo.length <= REPLAY_BYTES;
    if (isBefore) this.session = "same";
    else if (wouldRepeat) this.session = "new";
  }

  /** Skips until the header of a tick under way. @returns how far it has come */
  #seek(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const byte = bytes[at++] ?? 0;
      const waiting = this.#candidateBytes;
      const found = this.#isHeader(byte);
      const ahead = (this.#candidate - this.#oldest + SEQUENCES) % SEQUENCES;
      if (found) this.#candidateBytes = 0;
      if (found) this.#judgeSession();
      if (found && ahead < this.#count) {
        this.#seeking = undefined;
        for (let lost = 0; lost < ahead; lost++) this.#lose(this.#echo.length);
        this.#position = HEADER;
        return at;
      }
      if (this.#seeking === "extra") this.#extra(waiting + 1 - this.#candidateBytes);
    }
    return at;
  }

  #complete(now: number): void {
    const tally = this.#tally();
    const { measured, other, pausedAt: at = now } = this.#tallies;
    const { from, until } = this.#window;
    tally.ticks.echoed++;
    this.totals.echoed++;
    // By when it came, whatever became of the second in which it was due: of each stretch as much as it carried.
    if (at >= from && at < until) measured.ticks.carried++;
    else {
      other.ticks.carried++;
      if (tally !== other) tally.ticks.trailing++;
    }
    tally.roundTrip.record(now - (this.#due[this.#head] ?? now));
    this.#forget();
  }

  #lose(bytes: number): void {
    const tally = this.#tally();
    tally.ticks.lost++;
    this.totals.lost++;
    tally.ticks.bytesLost += bytes;
    tally.waitedMs = Math.max(tally.waitedMs, this.#now - (this.#due[this.#head] ?? this.#now));
    this.#forget();
  }

  #extra(bytes: number): void {
    this.#tally().ticks.bytesExtra += bytes;
    this.totals.bytesExtra += bytes;
  }

  #forget(): void {
    this.#head = (this.#head + 1) & (this.#due.length - 1);
    this.#count--;
    this.#oldest = (this.#oldest + 1) % SEQUENCES;
    this.#position = 0;
  }

  /** The tally of the oldest tick, or of the last one where none is under way: by when it was due, not by when it comes back. */
  #tally(): EchoCounts {
    const due = this.#count > 0 ? (this.#due[this.#head] ?? 0) : this.#lastDue;
    return this.#tallies.of(due, this.#window);
  }
}
