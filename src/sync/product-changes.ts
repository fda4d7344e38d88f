import type { Transaction } from '../database/database.js';
import { type Change, changeOf } from '../history/change.js';
import { AddOn } from '../plans/add-on.entity.js';
import { Plan } from '../plans/plan.entity.js';
import { Price } from '../plans/price.entity.js';

/** What one look did to a product's plan, add-on or prices; only the fields that differ. */
export type ProductChange = Omit<Change, 'object'> & { object: 'plan' | 'addOn' | 'price' };

/** What `write` changes of the stored rows of a product. */
export async function productChanges<Result>(
  { manager }: Pick<Transaction, 'manager'>,
  productId: string,
  write: () => Promise<Result>,
): Promise<{ result: Result; changes: ProductChange[] }> {
  const rows = async () => ({
    plan: await manager.findBy(Plan, { productId }),
    addOn: await manager.findBy(AddOn, { productId }),
    price: await manager.findBy(Price, { productId }),
  });
  const before = await rows();
  const result = await write();
  const after = await rows();
  const changes = (['plan', 'addOn', 'price'] as const).flatMap((object) => {
    const [held, next] = [before[object] as { id: string }[], after[object] as { id: string }[]];
    const ids = [...new Set([...held, ...next].map(({ id }) => id))];
    const one = (list: { id: string }[], id: string) => list.find((row) => row.id === id) ?? null;
    return ids.flatMap((id) => {
      const change = changeOf('plan', id, one(held, id), one(next, id));
      return change ? [{ ...change, object }] : [];
    });
  });
  return { result, changes };
}
