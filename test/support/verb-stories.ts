import { CANCEL_PLAN, CHANGE, PAUSE, REACTIVATE_PLAN, RESUME, UNDO } from './change-plan-story.js';

/** A mutation of a subscription, and what must be so before it. */
export interface Verb {
  mutation: string;
  input: Record<string, unknown>;
  /** The plan that is subscribed to; `team` when left out. */
  plan?: string;
  first?: [mutation: string, input: Record<string, unknown>];
}

export const START = `mutation ($input: StartSubscriptionInput!) { startSubscription(input: $input) { outcome userErrors { code } } }`;

const bookedDown: Verb['first'] = [CHANGE, { plan: 'team' }];

/** What can be asked of a subscription, each where it does something. */
export const verbs = {
  cancel: { mutation: CANCEL_PLAN, input: {} },
  cancelAtOnce: { mutation: CANCEL_PLAN, input: { timing: 'NOW' } },
  reactivate: { mutation: REACTIVATE_PLAN, input: {}, first: [CANCEL_PLAN, {}] },
  up: { mutation: CHANGE, input: { plan: 'business' } },
  down: { mutation: CHANGE, input: { plan: 'team' }, plan: 'business' },
  overBooked: { mutation: CHANGE, input: { plan: 'business', seats: 2 }, plan: 'business', first: bookedDown },
  undo: { mutation: UNDO, input: {}, plan: 'business', first: bookedDown },
  pause: { mutation: PAUSE, input: {} },
  resume: { mutation: RESUME, input: {}, first: [PAUSE, {}] },
} satisfies Record<string, Verb>;
