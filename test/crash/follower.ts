import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { systemTimers } from '../../src/clock/system-clock.js';
import { eventually } from '../support/eventually.js';
import type { Person } from '../support/world.js';

const LIVE = `subscription ($after: ID) { accountUpdated(after: $after) { kind cursor revision skipped entries { revision } } }`;

interface Push {
  kind: 'SNAPSHOT' | 'CHANGED' | 'RESYNC';
  cursor: string;
  revision: number;
  skipped: number;
  entries: { revision: number }[];
}

/** A client that comes back with its cursor whenever its socket is lost, and when it is told to. */
export interface Follower {
  /** The newest revision that it was told. */
  revision(): number;
  /** Resolves when it is told that revision; rejects when it is not for minutes. */
  reaches(revision: number): Promise<void>;
  /** What it was told and should not have been. */
  complaints: string[];
  /** How often it came back. */
  returns(): number;
  /** Loses its socket without a word, as in a tunnel. */
  cut(): void;
  close(): void;
}

export function follow(port: number, person: Person, alive: () => Promise<void>): Follower {
  let cursor: string | undefined;
  let [revision, returns] = [-1, -1];
  let closed = false;
  let socket: WebSocket | undefined;
  let leave = () => {};
  const complaints: string[] = [];

  function take({ kind, cursor: here, revision: now, skipped, entries }: Push): void {
    if (now <= revision) complaints.push(`revision ${now} after ${revision}`);
    if (kind === 'CHANGED') {
      const told = entries.map((entry) => entry.revision);
      const expected = Array.from({ length: Math.min(20, now - revision) }, (_step, at) => now - at);
      if (told.join() !== expected.join() || skipped !== Math.max(0, now - revision - 20))
        complaints.push(`from ${revision} to ${now}: entries ${told.join()}, ${skipped} skipped`);
    } else if (revision >= 0) complaints.push(`${kind} at ${now} although it stood at ${revision}`);
    [cursor, revision] = [here, now];
  }

  async function watch(): Promise<void> {
    await alive();
    returns += 1;
    const Kept = new Proxy(WebSocket, {
      construct: (target, given: ConstructorParameters<typeof WebSocket>) => (socket = new target(...given)),
    });
    const client = createClient({
      url: `ws://127.0.0.1:${port}/graphql`,
      webSocketImpl: Kept,
      retryAttempts: 0,
      connectionParams: () => person.authorization(),
    });
    await new Promise<void>((resolve) => {
      leave = client.subscribe<{ accountUpdated: Push }>(
        { query: LIVE, variables: { after: cursor } },
        {
          next({ data, errors }) {
            if (data) take(data.accountUpdated);
            else if (errors?.every(({ extensions }) => extensions?.retryable === true)) resolve();
            else complaints.push(JSON.stringify(errors));
          },
          error: () => resolve(),
          complete: () => resolve(),
        },
      );
    });
    void client.dispose();
  }

  void (async () => {
    while (!closed) {
      await watch().catch(() => undefined);
      await systemTimers.sleep(20);
    }
  })();
  return {
    revision: () => revision,
    async reaches(wanted) {
      await eventually(
        () => Promise.resolve(revision),
        (told) => told === wanted,
      );
    },
    complaints,
    returns: () => returns,
    cut: () => socket?.terminate(),
    close() {
      closed = true;
      leave();
    },
  };
}
