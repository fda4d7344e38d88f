import { bodies, misfits, transports } from './forged-bodies.js';
import { type Case, type Genuine, headers, secrets, times } from './forged-signatures.js';

/** Deliveries that nobody may accept, by what is wrong with them. */
export function forgedWebhooks(genuine: Genuine): Record<string, Case[]> {
  return {
    header: headers(genuine),
    time: times(genuine),
    secret: secrets(genuine),
    body: bodies(genuine),
    meaning: misfits(genuine),
    transport: transports(genuine),
  };
}
