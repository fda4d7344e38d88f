import { Entity, Index } from 'typeorm';
import { IdColumn, IdKey, InstantColumn } from '../database/columns.js';

/** Links a Stripe customer to its account. Rows are never deleted, so a late event still finds its owner. */
@Entity('stripe_customers')
@Index(['accountId'])
@Index(['liveFor'], { unique: true })
export class StripeCustomer {
  @IdKey()
  id!: string;

  /** Null while no account is known for it. */
  @IdColumn({ nullable: true })
  accountId!: string | null;

  /** The account id while the customer is live, null after: the unique key allows one live customer an account. */
  @IdColumn({ nullable: true })
  liveFor!: string | null;

  @InstantColumn({ nullable: true })
  deletedAt!: number | null;
}
