import type { World } from './world.js';

/** Sells `storage` on top of Team and Business, by the month for 4.50 and by the year for 45.00, and `backup` on top of Team by the month for 8.00. */
export async function sellAddOns(world: World): Promise<void> {
  const { stripe } = world.gateway.parts;
  const product = (key: string, plans: string) =>
    stripe.products.create({
      name: key,
      metadata: { app: 'billing', kind: 'add_on', add_on_id: key, plans, seats_max: '10' },
    });
  const price = (of: string, key: string, interval: 'month' | 'year', amount: number) =>
    stripe.prices.create({
      product: of,
      currency: 'usd',
      unit_amount: amount,
      lookup_key: `${key}_${interval}`,
      recurring: { interval },
    });
  const storage = await product('storage', 'team,business');
  await price(storage.id, 'storage', 'month', 450);
  await price(storage.id, 'storage', 'year', 4_500);
  const backup = await product('backup', 'team');
  await price(backup.id, 'backup', 'month', 800);
  await world.settled();
}

/** A code that takes a quarter off: once, for some months, or forever. */
export async function sellCode(
  world: World,
  code: string,
  duration: 'once' | 'forever' | { months: number },
): Promise<string> {
  const { stripe } = world.gateway.parts;
  const coupon = await stripe.coupons.create({
    percent_off: 25,
    name: 'A quarter off',
    ...(typeof duration === 'string' ? { duration } : { duration: 'repeating', duration_in_months: duration.months }),
  });
  const { id } = await stripe.promotionCodes.create({ code, promotion: { type: 'coupon', coupon: coupon.id } });
  await world.settled();
  return id;
}
