import type { Account } from '../account.js';
import { noSuch } from '../http/errors.js';
import type { TableName, Tables } from '../store/tables.js';

/** The object an id of the path names; 404 if there is none. */
export function find<T extends TableName>(account: Account, table: T, id: string): Tables[T] {
  const row = account.store.get(table, id);
  if (!row) throw noSuch(nameOf(table), id);
  return row;
}

/** The object a parameter names; 400 if there is none. */
export function findNamed<T extends TableName>(account: Account, table: T, id: string, param: string): Tables[T] {
  const row = account.store.get(table, id);
  if (!row) throw noSuch(nameOf(table), id, param, 400);
  return row;
}

/** Removes the object and remembers that it was there. */
export function erase(
  account: Account,
  table: TableName,
  id: string,
  object: string,
): { id: string; object: string; deleted: true } {
  account.store.remove(table, id);
  account.store.put('deleted', { id, object });
  return { id, object, deleted: true };
}

function nameOf(table: TableName): string {
  return names[table] ?? table.replaceAll('_', ' ');
}

const names: Partial<Record<TableName, string>> = {
  'checkout.session': 'checkout.session',
  payment_method: 'PaymentMethod',
  payment_intent: 'payment_intent',
  setup_intent: 'setupintent',
};
