import { Entity, Index } from 'typeorm';
import { ExternalIdColumn, IdColumn, IdKey, InstantColumn, IntegerColumn } from '../database/columns.js';
import type { CounterState } from './entitlement.js';

/** How much an account uses of one feature. It never raises the account's revision: use is counted too often for that. */
@Entity('usage_counters')
@Index(['accountId'])
export class UsageCounter implements CounterState {
  @IdKey()
  id!: string;

  @IdColumn()
  accountId!: string;

  @ExternalIdColumn()
  feature!: string;

  @IntegerColumn()
  used!: number;

  @InstantColumn()
  windowStart!: number;

  /** Grows with each transaction that counts. */
  @IntegerColumn({ default: 0 })
  revision!: number;
}
