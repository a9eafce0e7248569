import { connect, type Socket } from "node:net";

/** A message as JSON-RPC has it; only what these tests look at. */
export interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

const END_OF_HEAD = "\r\n\r\n";

/** A runner's socket without the product's own client: what is sent is what a recording has. */
export class Wire {
  /** What nobody asked for. */
  readonly notices: Message[] = [];
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #rest = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => this.#took(data));
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static open(path: string): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => resolve(new Wire(socket)));
    });
  }

  /** Sends a request. Resolves with its answer; rejects where the runner closes the socket instead. */
  ask(message: Message & { id: number }): Promise<Message> {
    const answer = new Promise<Message>((resolve) => this.#waiting.set(message.id, resolve));
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#socket.write(`Content-Length: ${Buffer.byteLength(text)}${END_OF_HEAD}${text}`);
    const gone = this.closed.then(() => Promise.reject(new Error("the runner closed the socket")));
    return Promise.race([answer, gone]);
  }

  close(): Promise<void> {
    this.#socket.end();
    return this.closed;
  }

  #took(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data]);
    for (;;) {
      const head = this.#rest.indexOf(END_OF_HEAD);
      const length = /Content-Length: (\d+)/i.exec(this.#rest.subarray(0, Math.max(head, 0)).toString())?.[1];
      if (length === undefined) return;
      const [from, to] = [head + END_OF_HEAD.length, head + END_OF_HEAD.length + Number(length)];
      if (this.#rest.length < to) return;
      this.#heard(JSON.parse(this.#rest.subarray(from, to).toString()));
      this.#rest = this.#rest.subarray(to);
    }
  }

  #heard(message: Message): void {
    const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
    if (waiting) waiting(message);
    else this.notices.push(message);
  }
}
