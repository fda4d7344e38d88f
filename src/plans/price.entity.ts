import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Entity, Index } from 'typeorm';
import {
  BooleanColumn,
  ExternalIdColumn,
  IdColumn,
  IdKey,
  InstantColumn,
  IntegerColumn,
  JsonColumn,
} from '../database/columns.js';
import { Node } from '../graphql/node.js';
import { DecimalScalar } from '../graphql/scalars.js';
import { BillingInterval, type PriceAmounts, PriceModel, type PriceState, type PriceTierState } from './plan.js';
import type { FoundBy } from './price-seller.js';

registerEnumType(BillingInterval, {
  name: 'BillingInterval',
  description: 'How often a price recurs.',
  valuesConfig: {
    DAY: { description: 'Every day.' },
    WEEK: { description: 'Every week.' },
    MONTH: { description: 'Every month.' },
    YEAR: { description: 'Every year.' },
    ONE_TIME: { description: 'Once.' },
  },
});
registerEnumType(PriceModel, {
  name: 'PriceModel',
  description: 'How the quantity of a price turns into money.',
  valuesConfig: {
    FLAT: { description: 'One amount whatever the quantity.' },
    PER_UNIT: { description: 'Amount times quantity.' },
    TIERED_GRADUATED: { description: 'Each unit at the price of its own tier.' },
    TIERED_VOLUME: { description: 'All units at the price of the tier reached.' },
    PACKAGE: { description: 'Units are sold in packages.' },
    METERED: { description: 'By use, after the fact.' },
    UNRECOGNIZED: { description: 'A way the gateway does not know yet.' },
  },
});

@ObjectType({ implements: Node, description: 'One way of paying for a plan.' })
@Entity('prices')
@Index(['productId'])
@Index(['planKey'])
export class Price implements PriceState {
  @IdKey()
  @Field(() => ID, {
    description: "Stripe's id (price_…); for a further currency of the same price with that behind it (price_…:eur).",
  })
  id!: string;

  @IdColumn()
  productId!: string;

  @IdColumn({ nullable: true })
  planKey!: string | null;

  @IdColumn({ nullable: true })
  addOnKey!: string | null;

  @IdColumn({ nullable: true })
  foundBy!: FoundBy | null;

  @ExternalIdColumn({ nullable: true })
  lookupKey!: string | null;

  @BooleanColumn()
  active!: boolean;

  @IdColumn()
  @Field(() => BillingInterval, { description: 'How often it recurs.' })
  interval!: BillingInterval;

  @IntegerColumn()
  @Field(() => Int, { description: 'How many intervals make one period.' })
  intervalCount!: number;

  @IdColumn()
  @Field(() => PriceModel, { description: 'How the quantity turns into money.' })
  model!: PriceModel;

  @IdColumn()
  currency!: string;

  @IntegerColumn({ nullable: true })
  unitAmount!: number | null;

  @IdColumn({ nullable: true })
  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Exact unit price in minor units; null for tiered prices.',
  })
  unitDecimal!: string | null;

  @BooleanColumn({ nullable: true })
  @Field(() => Boolean, {
    nullable: true,
    description: "True when tax is already inside the amount; null when decided by the customer's country.",
  })
  taxInclusive!: boolean | null;

  @JsonColumn({ nullable: true })
  tiers!: PriceTierState[] | null;

  @JsonColumn({ nullable: true })
  currencyOptions!: Record<string, PriceAmounts> | null;

  @InstantColumn()
  createdAt!: number;
}
