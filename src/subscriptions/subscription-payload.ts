import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import type { Context } from '../graphql/context.js';
import { askedOf } from '../graphql/asked.js';
import { Outcome } from '../graphql/outcome.js';
import { SafeIntScalar } from '../graphql/scalars.js';
import { IDEMPOTENCY_KEY, toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount, type Named, OfAccount } from '../graphql/viewer-account.js';
import { once } from '../intents/once.js';
import { Invoice } from '../invoices/invoice.entity.js';
import { payableUntil } from '../payments/invoice-payment.js';
import { PaymentAction, readPaymentState } from '../payments/payment-action.js';
import { BillingSubscription } from './subscription.entity.js';

/** How a verb on a subscription ended, besides what it refused. */
export interface SubscriptionResult {
  subscriptionId: string;
  outcome: Exclude<keyof typeof Outcome, 'REJECTED'>;
  /** The invoice that the verb made; null or left out when it made none. */
  invoiceId?: string | null;
}

/** What every verb on a subscription is told. */
export interface SubscriptionAsked {
  accountId: string;
  /** The token's subject. */
  actor: string;
  /** Null for the main one. */
  subscription: string | null;
  expectedRevision: number | null;
  idempotencyKey: string | null;
}

@InputType({ description: 'Which subscription.' })
export class SubscriptionRefInput extends OfAccount {
  @Field(() => ID, { nullable: true, description: 'The main one when not given.' })
  subscription?: string | null;

  @Field(() => SafeIntScalar, { nullable: true, description: 'Refuse with CONFLICT when the account has moved on.' })
  expectedRevision?: number | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'How it ended, and how things stand now.' })
export class SubscriptionPayload {
  @Field(() => Outcome, { description: 'How it ended.' })
  outcome!: Outcome;

  @Field(() => BillingSubscription, {
    nullable: true,
    description: 'The subscription as stored now; null when refused for want of one.',
  })
  subscription!: BillingSubscription | null;

  @Field(() => Account, { nullable: true, description: 'The account as stored now.' })
  account!: Account | null;

  @Field(() => Invoice, { nullable: true, description: 'The invoice that this made; null when it made none.' })
  invoice!: Invoice | null;

  @Field(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do first; set when the outcome is ACTION_REQUIRED.',
  })
  paymentAction!: PaymentAction | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

/** The account that an input is about: the one it names, or the one that its subscription belongs to. */
export const whose = (
  { loaders }: Context,
  { account, subscription }: Pick<SubscriptionRefInput, 'account' | 'subscription'>,
): Named => ({
  account,
  owner: subscription ? async () => (await loaders.subscription.load(subscription))?.accountId ?? null : null,
});

export const reference = (input: SubscriptionRefInput, accountId: string, { caller }: Context): SubscriptionAsked => ({
  accountId,
  actor: caller?.subject ?? '',
  subscription: input.subscription ?? null,
  expectedRevision: input.expectedRevision ?? null,
  idempotencyKey: input.idempotencyKey ?? null,
});

/** Runs a verb on the account that is named and answers with the rows as they are stored afterwards. `explain` turns a refusal into errors. */
export async function answer(
  context: Context,
  mutation: string,
  input: Pick<SubscriptionRefInput, 'account' | 'subscription' | 'idempotencyKey'>,
  verb: (account: Account) => Promise<SubscriptionResult>,
  explain = toUserErrors,
): Promise<SubscriptionPayload> {
  let account: Account | null = null;
  try {
    const held = await ensureViewerAccount(context, whose(context, input));
    account = held;
    const asked = askedOf(context, held.id, mutation, input);
    const result = await once<SubscriptionResult>(context.parts, asked, () => verb(held));
    return await settled(context, held, result);
  } catch (thrown) {
    const userErrors = await explain(thrown, context, account);
    context.loaders.forget();
    return {
      outcome: Outcome.REJECTED,
      subscription: null,
      account: account && (await context.loaders.account.load(account.id)),
      invoice: null,
      paymentAction: null,
      userErrors,
    };
  }
}

async function settled(
  { loaders, parts }: Context,
  account: Account,
  { subscriptionId, outcome, invoiceId }: SubscriptionResult,
): Promise<SubscriptionPayload> {
  // The verb has read what it then changed; every part of the answer is read anew.
  loaders.forget();
  const subscription = await loaders.subscription.load(subscriptionId);
  const invoice = invoiceId ? await loaders.invoice.load(invoiceId) : null;
  const waits = outcome === 'ACTION_REQUIRED' && invoiceId;
  return {
    outcome: Outcome[outcome],
    subscription,
    account: await loaders.account.load(account.id),
    invoice,
    paymentAction: waits
      ? {
          ...(await readPaymentState(parts.stripe, invoiceId)),
          expiresAt: payableUntil(invoiceId, subscription),
          invoice,
        }
      : null,
    userErrors: [],
  };
}
