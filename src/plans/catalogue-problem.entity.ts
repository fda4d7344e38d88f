import { Entity, Index } from 'typeorm';
import { BooleanColumn, IdColumn, IdKey, InstantColumn, TextColumn } from '../database/columns.js';

/** What the last look at a product could not use, and why. Replaced by the next look. */
export interface CatalogueProblemState {
  /** The product or price at fault, or the list of products. */
  objectId: string;
  /** Metadata field at fault; null when the object as a whole is. */
  field: string | null;
  reason: string;
  remedy: string;
  /** True when it is sold all the same. */
  warning: boolean;
}

@Entity('catalogue_problems')
@Index(['productId'])
export class CatalogueProblem implements CatalogueProblemState {
  @IdKey()
  id!: string;

  @IdColumn()
  productId!: string;

  @IdColumn()
  objectId!: string;

  @TextColumn({ nullable: true })
  field!: string | null;

  @TextColumn()
  reason!: string;

  @TextColumn()
  remedy!: string;

  @BooleanColumn()
  warning!: boolean;

  @InstantColumn()
  foundAt!: number;
}
