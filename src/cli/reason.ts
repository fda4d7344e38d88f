import { InvalidArgumentError } from 'commander';
import { checkReason } from '../graphql/reason.js';
import { Refusal } from '../refusal.js';

/** Reads --reason by the rule that the schema has for staff. */
export function parseReason(text: string): string {
  try {
    checkReason(text);
    return text;
  } catch (thrown) {
    throw thrown instanceof Refusal ? new InvalidArgumentError(`${thrown.message} ${thrown.details.hint}`) : thrown;
  }
}
