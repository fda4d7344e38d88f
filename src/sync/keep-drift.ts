import type { Transaction } from '../database/database.js';
import type { DriftState } from './drift.js';
import { Drift } from './drift.entity.js';

/** Keeps what a round found, in the transaction that repairs it. */
export async function keepDrift({ manager }: Transaction, found: readonly DriftState[]): Promise<void> {
  if (found.length > 0) await manager.insert(Drift, found as never);
}
