import { Entity, Index } from 'typeorm';
import { IdColumn, IdKey, InstantColumn, JsonColumn } from '../database/columns.js';
import type { DriftState } from './drift.js';

@Entity('drifts')
@Index(['confirmedAt', 'detectedAt'])
export class Drift implements DriftState {
  @IdKey()
  id!: string;

  @IdColumn()
  subject!: string;

  @IdColumn({ nullable: true })
  accountId!: string | null;

  @IdColumn()
  object!: string;

  @IdColumn()
  objectId!: string;

  @JsonColumn({ nullable: true })
  before!: Record<string, unknown> | null;

  @JsonColumn({ nullable: true })
  after!: Record<string, unknown> | null;

  @IdColumn()
  cause!: DriftState['cause'];

  @InstantColumn()
  detectedAt!: number;

  @InstantColumn({ nullable: true })
  confirmedAt!: number | null;
}
