import type { Hints } from '../ports.js';

/** Tells whoever watches an account that a verb of our own has changed it; called after the commit. */
export const announceAccount = ({ hints }: { hints: Hints }, topic: string, revision: number): void =>
  hints.publish({ topic, revision });
