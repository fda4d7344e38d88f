import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  Int,
  Mutation,
  ObjectType,
  registerEnumType,
  Resolver,
  Root,
} from 'type-graphql';
import { holds, Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import type { Catalogue } from '../graphql/loaders.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';
import { BoughtAddOn } from './bought-add-on.js';
import { cancelPendingChange } from './cancel-pending-change.js';
import { ChangeKind, classifyChange, sideOf } from './classify-change.js';
import type { PendingChangeState as Pending, PendingItem } from './pending-change.js';
import { addOnsOf, priceIn, recurringAmount } from './recurring-amount.js';
import { answer, reference, SubscriptionPayload, SubscriptionRefInput } from './subscription-payload.js';
import { BillingSubscription } from './subscription.entity.js';
import { SubscriptionStatus } from './subscription.js';

export enum PendingChangeState {
  SCHEDULED = 'SCHEDULED',
  AWAITING_PAYMENT = 'AWAITING_PAYMENT',
}

registerEnumType(PendingChangeState, {
  name: 'PendingChangeState',
  description: 'How a change that has not happened yet stands.',
  valuesConfig: {
    SCHEDULED: { description: 'Booked for a moment.' },
    AWAITING_PAYMENT: { description: 'Happens once its invoice is paid, or not at all.' },
  },
});

@ObjectType({ description: 'A change that is booked, or waits until its payment goes through.' })
export class PendingChange {
  @Field(() => PendingChangeState, { description: 'Booked for later, or waiting for its payment.' })
  state!: PendingChangeState;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When an unpaid change is given up; null for a booked one.',
  })
  expiresAt!: number | null;

  @Field(() => ChangeKind, { description: 'What it is, seen from the plan ladder.' })
  kind!: ChangeKind;

  @Field(() => Plan, {
    nullable: true,
    description: 'The plan after it; null while its price is not in the catalogue.',
  })
  toPlan!: Plan | null;

  @Field(() => Price, { nullable: true, description: 'The price after it; null while it is not in the catalogue.' })
  toPrice!: Price | null;

  @Field(() => Int, { description: 'Seats after it.' })
  toSeats!: number;

  @Field(() => [BoughtAddOn], { description: 'What is bought on top after it.' })
  toAddOns!: BoughtAddOn[];

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it takes effect; null while it waits for a payment.',
  })
  effectiveAt!: number | null;

  @Field(() => Money, {
    nullable: true,
    description:
      'What a period costs after it, before tax and discounts; null where the price has no one amount per unit.',
  })
  recurringAfter!: Money | null;

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  requestedAt!: number;

  @Field(() => Boolean, {
    description: "Whether it can be taken back here; one that was booked in Stripe's tools needs staff.",
  })
  canCancel!: boolean;
}

function toPendingChange(
  pending: Pending,
  subscription: BillingSubscription,
  held: readonly PendingItem[],
  catalogue: Catalogue,
): PendingChange {
  const { currency } = subscription;
  // Add-ons may stand before the plan.
  const first = pending.items.find(({ priceId }) => catalogue.priceById.get(priceId)?.planKey) ?? pending.items[0];
  const priceOf = (priceId: string) => priceIn(catalogue, priceId, currency);
  const toPrice = first ? priceOf(first.priceId) : null;
  const toPlan = catalogue.planByKey.get(toPrice?.planKey ?? '') ?? null;
  const toSeats = first?.quantity ?? subscription.seats;
  const fromPlan = catalogue.planByKey.get(subscription.planKey ?? '') ?? null;
  const extras = held.filter(({ priceId }) => priceId !== subscription.priceId);
  const from = sideOf(fromPlan, priceOf(subscription.priceId), subscription.priceId, subscription.seats, extras);
  const to = sideOf(
    toPlan,
    toPrice,
    first?.priceId ?? null,
    toSeats,
    pending.items.filter((item) => item !== first),
  );
  const trialing = subscription.status === SubscriptionStatus.TRIALING;
  const recurring = recurringAmount(pending.items, currency, catalogue);
  return {
    state: PendingChangeState[pending.state],
    expiresAt: pending.expiresAt,
    kind: classifyChange(from, to, { trialing, pending: false, timing: null }).kind,
    toPlan,
    toPrice,
    toSeats,
    toAddOns: addOnsOf(pending.items, catalogue),
    effectiveAt: pending.effectiveAt,
    recurringAfter: recurring === null ? null : new Money(recurring, currency),
    requestedAt: pending.requestedAt,
    canCancel: pending.ours,
  };
}

@Resolver(() => BillingSubscription)
export class PendingChangeResolver {
  @FieldResolver(() => PendingChange, {
    nullable: true,
    description: 'Set when a later change is booked, such as a downgrade at period end, or waits for its payment.',
  })
  async pendingChange(
    @Root() subscription: BillingSubscription,
    @Ctx() { loaders }: Context,
  ): Promise<PendingChange | null> {
    const { pendingChange } = subscription;
    if (!pendingChange) return null;
    const held = await loaders.itemsOf.load(subscription.id);
    return toPendingChange(pendingChange, subscription, held, await loaders.catalogue());
  }

  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => SubscriptionPayload, {
    description: 'Takes back a change that is booked, or gives up one that waits for its payment.',
  })
  cancelPendingChange(
    @Arg('input', () => SubscriptionRefInput, { description: 'Of which subscription.' }) input: SubscriptionRefInput,
    @Ctx() context: Context,
  ): Promise<SubscriptionPayload> {
    const operator = holds(context.caller?.roles ?? [], Role.OPERATOR);
    return answer(context, 'cancelPendingChange', input, ({ id }) =>
      cancelPendingChange(context.parts, { ...reference(input, id, context), operator }),
    );
  }
}
