import type { Account } from '../../src/accounts/account.entity.js';
import type { Loaders } from '../../src/graphql/loaders.js';
import type { Parts } from '../../src/parts.js';
import { cancelPendingChange } from '../../src/subscriptions/cancel-pending-change.js';
import { cancelSubscription } from '../../src/subscriptions/cancel-subscription.js';
import type { ChangeAsked } from '../../src/subscriptions/change-draft.js';
import { changePlan } from '../../src/subscriptions/change-plan.js';
import { pauseSubscription } from '../../src/subscriptions/pause-subscription.js';
import { previewChange } from '../../src/subscriptions/preview-change.js';
import { reactivateSubscription } from '../../src/subscriptions/reactivate-subscription.js';
import { resumeSubscription } from '../../src/subscriptions/resume-subscription.js';
import type { SubscriptionAsked, SubscriptionResult } from '../../src/subscriptions/subscription-payload.js';

const DAY = 86_400_000;

/** What a tab asks for, again and again until it is answered. */
export interface Request {
  account: string;
  /** Null for the main one. */
  subscription: string | null;
  /** Idempotency key; null for none. */
  key: string | null;
  ask: Ask;
  variant: number;
  /** Billing time of the first try. */
  at: number;
  /** Of the preview that was shown; null before. */
  token: string | null;
}

type Verb = (
  parts: Parts,
  loaders: Loaders,
  account: Account,
  asked: SubscriptionAsked,
  request: Request,
) => Promise<SubscriptionResult>;

const byOperator = ({ variant }: Request) => ({ operator: variant % 3 === 0 });

const wanted = (account: Account, request: Request): ChangeAsked => ({
  ...{ account, subscription: request.subscription, ...byOperator(request) },
  plan: request.variant % 2 ? 'business' : 'team',
  seats: request.variant % 4 === 0 ? null : 1 + (request.variant % 5),
  ...{ interval: null, currency: null, addOns: null, timing: null },
});

const change: Verb = (parts, loaders, account, asked, request) =>
  changePlan(parts, loaders, {
    ...{ ...asked, previewToken: null, promotionCode: null },
    target: wanted(account, request),
  });

/** Looks first, and asks for what was shown. */
const changeAsShown: Verb = async (parts, loaders, account, asked, request) => {
  const target = wanted(account, request);
  request.token ??= (await previewChange(parts, loaders, target)).token;
  const none = { plan: null, seats: null, subscription: asked.subscription };
  loaders.forget();
  return changePlan(parts, loaders, {
    ...{ ...asked, previewToken: request.token, promotionCode: null },
    target: { ...target, ...none },
  });
};

/** What a tab can ask for, by the mutation's name. */
export const verbs = {
  changePlan: change,
  changePlanAsShown: changeAsShown,
  cancelSubscription: (parts, _loaders, _account, asked, request) =>
    cancelSubscription(parts, {
      ...{ ...asked, ...byOperator(request), now: request.variant === 0 },
      ...{ feedback: null, comment: null },
    }),
  reactivateSubscription: (parts, _loaders, _account, asked, request) =>
    reactivateSubscription(parts, { ...asked, ...byOperator(request) }),
  pauseSubscription: (parts, _loaders, _account, asked, request) =>
    pauseSubscription(parts, {
      ...{ ...asked, ...byOperator(request) },
      resumesAt: request.variant % 2 ? request.at + 30 * DAY : null,
    }),
  resumeSubscription: (parts, _loaders, _account, asked) => resumeSubscription(parts, asked),
  cancelPendingChange: (parts, _loaders, _account, asked, request) =>
    cancelPendingChange(parts, { ...asked, ...byOperator(request) }),
} satisfies Record<string, Verb>;

export type Ask = keyof typeof verbs;
export const mutationOf = (ask: Ask): string => ask.replace('AsShown', '');
/** Some more often than others, because more often there is something to do. */
export const ASKS: readonly Ask[] = [
  ...(Object.keys(verbs) as Ask[]),
  'changePlan',
  'changePlanAsShown',
  'cancelSubscription',
];
