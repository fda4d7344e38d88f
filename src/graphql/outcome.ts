import { registerEnumType } from 'type-graphql';

export enum Outcome {
  APPLIED = 'APPLIED',
  SCHEDULED = 'SCHEDULED',
  ACTION_REQUIRED = 'ACTION_REQUIRED',
  PROCESSING = 'PROCESSING',
  NO_OP = 'NO_OP',
  REJECTED = 'REJECTED',
}

registerEnumType(Outcome, {
  name: 'Outcome',
  description: 'How a mutation ended.',
  valuesConfig: {
    APPLIED: { description: 'Done and visible in the returned object.' },
    SCHEDULED: { description: 'Booked for later, and visible in the returned object.' },
    ACTION_REQUIRED: { description: 'Waits for the customer; see paymentAction.' },
    PROCESSING: { description: 'Sent to Stripe; the result will come as a push.' },
    NO_OP: { description: 'Nothing to do.' },
    REJECTED: { description: 'See userErrors.' },
  },
});
