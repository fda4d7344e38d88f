import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A wire between a client and a server that a test can disturb. */
export interface Proxy {
  port: number;
  /** How many clients hold a connection now. */
  clients(): number;
  /** Passes everything on, also what was held back. */
  pass(): void;
  /** Holds back both directions; nobody is told. New connections are accepted and stay silent. */
  freeze(): void;
  /** Holds back for ever what is connected now; nobody is told. New connections pass. */
  strand(): void;
  /** Holds back each piece for this long, in both directions; 0 ends it. */
  delay(ms: number): void;
  /** Ends every connection at once. */
  cut(): void;
  /**
   * Hands on the next requests that hold one of the texts, after so many that it lets pass, loses their answers and ends
   * their connections. Answers how often so far.
   */
  loseAnswersTo(text: string | readonly string[], times: number, after?: number): () => number;
  close(): Promise<void>;
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  const pairs = new Set<{ client: Socket; server: Socket; stranded: boolean }>();
  let frozen = false;
  let delayMs = 0;
  let losing = { texts: [] as readonly string[], passing: 0, left: 0, lost: 0 };

  const both = ({ client, server }: { client: Socket; server: Socket }) => [client, server];
  const sockets = () => [...pairs].flatMap(both);
  const forward = (chunk: Buffer, to: Socket) => {
    if (delayMs > 0) setTimeout(() => to.writable && to.write(chunk), delayMs);
    else if (to.writable) to.write(chunk);
  };

  function join(client: Socket): void {
    const server = connect(target.port, target.host);
    const pair = { client, server, stranded: false };
    let answerLost = false;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on('data', (chunk) => {
      if (losing.left > 0 && losing.texts.some((text) => chunk.includes(text)) && losing.passing-- <= 0) {
        losing.left -= 1;
        losing.lost += 1;
        answerLost = true;
      }
      forward(chunk, server);
    });
    server.on('data', (chunk) => (answerLost ? end() : forward(chunk, client)));
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', end).on('close', end);
      if (frozen) socket.pause();
    }
  }

  const listener = createServer(join);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const proxy: Proxy = {
    port: (listener.address() as AddressInfo).port,
    clients: () => pairs.size,
    pass() {
      frozen = false;
      const able = [...pairs].filter(({ stranded }) => !stranded);
      able.flatMap(both).forEach((socket) => socket.resume());
    },
    strand() {
      pairs.forEach((pair) => (pair.stranded = true));
      sockets().forEach((socket) => socket.pause());
    },
    freeze() {
      frozen = true;
      sockets().forEach((socket) => socket.pause());
    },
    delay: (ms) => void (delayMs = ms),
    cut: () => sockets().forEach((socket) => socket.destroy()),
    loseAnswersTo(text, times, after = 0) {
      const mine = (losing = { texts: [text].flat(), passing: after, left: times, lost: 0 });
      return () => mine.lost;
    },
    close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      proxy.cut();
      return closed;
    },
  };
  return proxy;
}
