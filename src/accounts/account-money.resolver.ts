import { Ctx, FieldResolver, registerEnumType, Resolver, Root } from 'type-graphql';
import { Discount, toDiscountType } from '../checkout/promotion-code.resolver.js';
import type { Context } from '../graphql/context.js';
import { Money } from '../graphql/money.js';
import { SubscriptionStatus } from '../subscriptions/subscription.js';
import { Account } from './account.entity.js';
import { TaxStatus, taxStatusOf } from './tax-status.js';

registerEnumType(TaxStatus, {
  name: 'TaxStatus',
  description: 'Whether tax is taken.',
  valuesConfig: {
    TAXABLE: { description: 'Tax is worked out for the billing address.' },
    EXEMPT: { description: 'The customer is exempt.' },
    REVERSE_CHARGE: { description: 'The customer owes the tax herself, and the invoices say so.' },
    UNKNOWN_LOCATION: { description: 'The billing address is missing, or too little of it is known.' },
    NOT_COLLECTED: { description: 'No tax is worked out: it is switched off, or not taken at that place.' },
  },
});

@Resolver(() => Account)
export class AccountMoneyResolver {
  @FieldResolver(() => Money, {
    nullable: true,
    description:
      'Credit kept for later invoices, positive when the customer has some; negative when something is owed from earlier ones. Null before the currency is known.',
  })
  credit(@Root() { credit, currency }: Account): Money | null {
    return currency === null ? null : new Money(credit, currency);
  }

  @FieldResolver(() => Boolean, {
    description:
      'Whether the currency can change no more, because there is or was a subscription; a deleted customer takes it along.',
  })
  async currencyLocked(@Root() { id, currency }: Account, @Ctx() { loaders }: Context): Promise<boolean> {
    const held = await loaders.subscriptionsOf.load(id);
    return currency !== null && held.some(({ status }) => status !== SubscriptionStatus.INCOMPLETE_EXPIRED);
  }

  @FieldResolver(() => TaxStatus, { description: 'Whether tax is taken.' })
  taxStatus(@Root() account: Account, @Ctx() { parts }: Context): TaxStatus {
    return taxStatusOf(account, parts.config.checkout.automaticTax);
  }

  @FieldResolver(() => [Discount], {
    description: 'What is taken off every subscription that has no discount of its own, and off other invoices.',
  })
  discounts(@Root() { discounts }: Account): Discount[] {
    return (discounts ?? []).map(toDiscountType);
  }
}
