import { Field, ID, ObjectType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  ExternalIdColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
  TextColumn,
} from '../database/columns.js';
import type { HeldDiscount } from '../checkout/promotion-code.js';
import { Node } from '../graphql/node.js';
import { CurrencyCodeScalar, DateTimeScalar, EmailScalar, LocaleScalar, SafeIntScalar } from '../graphql/scalars.js';
import type { AccessDecision } from '../access/access.js';
import { AddressType } from './address.js';
import type { AccountState, Address } from './account.js';

@ObjectType('BillingAccount', {
  implements: Node,
  description: 'The customer who pays: a person, a team or a company.',
})
@Entity('accounts')
@Index(['externalId'], { unique: true })
export class Account implements AccountState {
  @IdKey()
  @Field(() => ID, { description: 'Opaque and stable.' })
  id!: string;

  @ExternalIdColumn()
  @Field(() => String, { description: 'Your own id for this tenant.' })
  externalId!: string;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Name shown on invoices; null until one is known.' })
  name!: string | null;

  @TextColumn({ nullable: true })
  @Field(() => EmailScalar, { nullable: true, description: 'Where invoices go; null until one is known.' })
  email!: string | null;

  @IdColumn({ nullable: true })
  @Field(() => CurrencyCodeScalar, {
    nullable: true,
    description: 'Fixed by Stripe after the first invoice; null before.',
  })
  currency!: string | null;

  @TextColumn({ nullable: true })
  @Field(() => String, { nullable: true, description: 'Telephone number; null until one is known.' })
  phone!: string | null;

  @IdColumn({ nullable: true })
  @Field(() => LocaleScalar, {
    nullable: true,
    description: 'Language of invoices and mails; null until one is chosen.',
  })
  locale!: string | null;

  @JsonColumn({ nullable: true })
  @Field(() => AddressType, { nullable: true, description: 'Billing address; null until one is known.' })
  address!: Address | null;

  /** IANA name; null for UTC. */
  @IdColumn({ nullable: true })
  timeZone!: string | null;

  /** What the product keeps with it; null for nothing. */
  @JsonColumn({ nullable: true })
  metadata!: Record<string, unknown> | null;

  @IdColumn({ nullable: true })
  defaultPaymentMethodId!: string | null;

  @IntegerColumn({ default: 0 })
  credit!: number;

  @IdColumn({ nullable: true })
  taxExempt!: string | null;

  @IdColumn({ nullable: true })
  taxLocation!: string | null;

  @JsonColumn({ nullable: true })
  discounts!: HeldDiscount[] | null;

  @IntegerColumn()
  @Field(() => SafeIntScalar, { description: 'Grows by one with every change; use it to drop late pushes.' })
  revision!: number;

  @IdColumn()
  planKey!: string;

  /** The decision that was last announced: what a wake-up compares with. Null before the first look. */
  @JsonColumn({ nullable: true })
  announcedAccess!: AccessDecision | null;

  @InstantColumn()
  createdAt!: number;

  @InstantColumn({ nullable: true })
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the stored copy was last confirmed against Stripe; null before the first time.',
  })
  syncedAt!: number | null;
}
