import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../graphql/scalars.js';
import { type AccessDecision as Decision, AccessLevel, AccessReason, type AccessRule, Remedy } from './access.js';

registerEnumType(AccessLevel, {
  name: 'AccessLevel',
  description: 'How much of the product may be used.',
  valuesConfig: {
    FULL: { description: 'All that the plan grants.' },
    LIMITED: { description: 'Only what the free plan grants.' },
    READ_ONLY: { description: 'Looking, not changing.' },
    NONE: { description: 'Nothing.' },
  },
});
registerEnumType(AccessReason, {
  name: 'AccessReason',
  description: 'Why access is as it is. Values may be added.',
  valuesConfig: {
    ACTIVE: { description: 'The subscription is active.' },
    TRIALING: { description: 'In a free trial.' },
    FREE_PLAN: { description: 'No subscription; the free plan applies.' },
    GRACE_PERIOD: { description: 'A payment failed, and access goes on for a while.' },
    CANCELED_BUT_PAID: { description: 'Canceled, and paid until its end.' },
    FIRST_PAYMENT_PENDING: { description: 'The first payment has not come in.' },
    PAYMENT_OVERDUE: { description: 'A payment is overdue.' },
    PAUSED: { description: 'On hold.' },
    CANCELED: { description: 'Over.' },
    OTHER: { description: 'A status that this version does not know.' },
  },
});
registerEnumType(Remedy, {
  name: 'Remedy',
  description: 'What would fix the situation; maps to a button.',
  valuesConfig: {
    NONE: { description: 'Nothing to do.' },
    CHOOSE_PLAN: { description: 'Show the plans.' },
    ADD_PAYMENT_METHOD: { description: 'Ask for a card.' },
    UPDATE_PAYMENT_METHOD: { description: 'Ask for another card.' },
    PAY_INVOICE: { description: "Pay the subscription's newest invoice, its `latestInvoice`." },
    REACTIVATE: { description: 'Take the cancellation back.' },
    RESUME: { description: 'End the pause.' },
    CONTACT_SUPPORT: { description: 'Talk to support.' },
  },
});

@ObjectType({
  description: 'Made by the server from status and grace rules. Never derive access from `status`.',
})
export class AccessDecision implements Decision {
  @Field(() => Boolean, { description: 'The one answer: may they use the product now?' })
  allowed!: boolean;

  @Field(() => AccessLevel, { description: 'How much of it.' })
  level!: AccessLevel;

  @Field(() => AccessReason, { description: 'Why.' })
  reason!: AccessReason;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When this decision changes by itself, if known.' })
  until!: number | null;

  @Field(() => String, { description: 'One sentence fit to show.' })
  message!: string;

  @Field(() => Remedy, { description: 'What to offer.' })
  remedy!: Remedy;

  @Field(() => String, { description: 'Name of the rule of the policy table that decided.' })
  rule!: AccessRule;

  @Field(() => DateTimeScalar, { description: "Time the decision was made (the sandbox's time when it is in use)." })
  decidedAt!: number;
}
