import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, registerEnumType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Outcome } from '../graphql/outcome.js';
import { checkReason, REASON } from '../graphql/reason.js';
import { toUserErrors } from '../graphql/user-errors.js';
import { Refusal, UserErrorCode } from '../refusal.js';
import { closeInvoice, InvoiceClosing } from './close-invoice.js';
import { asStored, InvoicePayload } from './invoice-payload.js';

registerEnumType(InvoiceClosing, {
  name: 'InvoiceClosing',
  description: 'How an invoice is given up.',
  valuesConfig: {
    VOID: {
      description: 'As if it had never been; what credit had paid of it comes back. An uncollectible one still can be.',
    },
    UNCOLLECTIBLE: { description: 'It was owed and will not come: bad debt. It can still be paid.' },
  },
});

@InputType({ description: 'Which invoice to give up, how, and why.' })
export class AdminCloseInvoiceInput {
  @Field(() => ID, { description: 'An open invoice, of any account.' })
  invoice!: string;

  @Field(() => InvoiceClosing, { description: 'How.' })
  as!: InvoiceClosing;

  @Field(() => String, REASON)
  reason!: string;
}

@Resolver()
export class CloseInvoiceResolver {
  @Authorized(Role.OPERATOR)
  @Mutation(() => InvoicePayload, {
    description:
      'Gives up an open invoice: Stripe tries it no more. What becomes of the subscription is what Stripe makes of it, and is in the answer: a change whose invoice is given up stays, as if it were paid.',
  })
  async adminCloseInvoice(
    @Arg('input', () => AdminCloseInvoiceInput, { description: 'Which one, how, and why.' })
    { invoice: id, as, reason }: AdminCloseInvoiceInput,
    @Ctx() context: Context,
  ): Promise<InvoicePayload> {
    let accountId: string | null = null;
    try {
      if (context.unusable) throw context.unusable;
      checkReason(reason);
      const invoice = await context.loaders.invoice.load(id);
      if (!invoice?.accountId) throw absent(id);
      accountId = invoice.accountId;
      const actor = context.caller?.subject ?? '';
      const outcome = await closeInvoice(context.parts, { invoice, accountId, as, reason, actor });
      return {
        outcome: Outcome[outcome],
        ...(await asStored(context, accountId, id)),
        paymentAction: null,
        userErrors: [],
      };
    } catch (thrown) {
      const userErrors = await toUserErrors(thrown, context, accountId === null ? null : { id: accountId });
      return {
        outcome: Outcome.REJECTED,
        ...(await asStored(context, accountId, id)),
        paymentAction: null,
        userErrors,
      };
    }
  }
}

const absent = (id: string) =>
  new Refusal(UserErrorCode.NOT_FOUND, `No account has an invoice '${id}'.`, { field: ['input', 'invoice'] });
