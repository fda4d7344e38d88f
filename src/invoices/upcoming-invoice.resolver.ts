import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { askStripe } from '../graphql/ask-stripe.js';
import type { Context } from '../graphql/context.js';
import { InvoicePreview } from '../subscriptions/change-preview.js';
import { mainSubscriptionOf } from '../subscriptions/main-subscription.js';
import { nextCollected } from '../subscriptions/upcoming-invoice.js';
import { toInvoicePreview } from '../subscriptions/show-change.js';

@Resolver(() => Account)
export class UpcomingInvoiceResolver {
  @FieldResolver(() => InvoicePreview, {
    nullable: true,
    description:
      'What the next invoice of the main subscription will be if nothing changes, a booked change included; invoices that a pause voids are passed over. Null when none will come. Asks Stripe; null with an error when Stripe cannot be asked.',
  })
  async upcomingInvoice(@Root() account: Account, @Ctx() context: Context): Promise<InvoicePreview | null> {
    const main = await mainSubscriptionOf(context.loaders, account);
    if (!main) return null;
    const upcoming = await askStripe(context, `upcomingInvoice ${main.id}`, () =>
      nextCollected(context.parts.stripe, main),
    );
    return upcoming && toInvoicePreview(upcoming);
  }
}
