import type { Asked } from '../intents/once.js';
import type { Context } from './context.js';

/** What a mutation asked, as its answer is remembered by. */
export const askedOf = (
  { caller }: Pick<Context, 'caller'>,
  accountId: string,
  mutation: string,
  input: { idempotencyKey?: string | null },
): Asked => ({ accountId, actor: caller?.subject ?? '', mutation, input, clientKey: input.idempotencyKey ?? null });
