import type { Hint, Hints, Random, SharedRedis } from '../ports.js';
import { createInProcessHints } from './hints.js';

/** Hints inside this process and over Redis to the others. Redis being away loses hints, so its return is told. */
export function createRedisHints({ commands, listener, prefix }: SharedRedis, random: Random): Hints {
  const channel = `${prefix}:hints`;
  const me = random.uuid();
  const here = createInProcessHints();
  const onGaps = new Set<() => void>();

  // A connection that is not ready yet would lose the subscription.
  const listen = () =>
    void listener.subscribe(channel).then(
      () => onGaps.forEach((onGap) => onGap()),
      () => undefined,
    );
  listener.on('ready', listen);
  if (listener.status === 'ready') listen();
  listener.on('message', (_channel: string, text: string) => {
    const hint = read(text);
    if (hint && hint.from !== me) here.publish({ topic: hint.topic, revision: hint.revision });
  });

  return {
    publish(hint) {
      here.publish(hint);
      commands.publish(channel, JSON.stringify({ from: me, ...hint })).catch(() => undefined);
    },
    subscribe(onHint, onGap) {
      const unsubscribe = here.subscribe(onHint);
      if (onGap) onGaps.add(onGap);
      return () => {
        unsubscribe();
        if (onGap) onGaps.delete(onGap);
      };
    },
    close() {
      listener.off('ready', listen);
      onGaps.clear();
      return here.close();
    },
  };
}

function read(text: string): (Hint & { from: unknown }) | null {
  try {
    const { from, topic, revision } = JSON.parse(text) as Record<string, unknown>;
    return typeof topic === 'string' && typeof revision === 'number' ? { from, topic, revision } : null;
  } catch {
    return null;
  }
}
