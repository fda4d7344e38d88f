import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A real SMTP server on this machine that keeps what it accepts. */
export interface MailServer {
  url: string;
  port: number;
  /** Whole letters, as they arrived. */
  accepted: string[];
  close(): Promise<void>;
}

/** Answers a letter once it is there: a code and text refuse it, `reset` breaks the connection without an answer. */
export type Answer = 'accept' | 'accept and reset' | 'reset' | { code: number; text: string };

export async function startMailServer(
  options: SMTPServerOptions & { answer?: (tries: number) => Answer | Promise<Answer> } = {},
): Promise<MailServer> {
  const { answer = () => 'accept' as const, ...rest } = options;
  const accepted: string[] = [];
  let tries = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, _session, callback) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        void Promise.resolve(answer(++tries)).then((said) => {
          const letter = Buffer.concat(pieces).toString('utf8');
          if (said === 'accept' || said === 'accept and reset') accepted.push(letter);
          if (said === 'accept') return callback();
          if (typeof said === 'object')
            return callback(Object.assign(new Error(said.text), { responseCode: said.code }));
          for (const connection of (server as unknown as { connections: Set<{ _socket: Socket }> }).connections)
            connection._socket.destroy();
        });
      });
    },
    ...rest,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    accepted,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
