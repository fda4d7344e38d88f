import { Arg, Args, Ctx, Field, FieldResolver, InputType, registerEnumType, Resolver, Root } from 'type-graphql';
import { Account } from '../accounts/account.entity.js';
import { badUserInput } from '../errors.js';
import {
  type Connection,
  connectionOf,
  cursorsOf,
  PageArguments,
  toPage,
  toPagedConnection,
} from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { DateTimeScalar } from '../graphql/scalars.js';
import { Invoice } from './invoice.entity.js';
import { InvoiceStatus } from './invoice.js';
import { type InvoiceFilterState, InvoiceOrder, positionOf } from './invoice.loader.js';

registerEnumType(InvoiceOrder, {
  name: 'InvoiceOrder',
  description: 'How a list of invoices is sorted.',
  valuesConfig: {
    NEWEST_FIRST: { description: 'By the time they were made, in one second by their number, the newest first.' },
    OLDEST_FIRST: { description: 'By the time they were made, in one second by their number, the oldest first.' },
  },
});

@InputType({ description: 'Which invoices; all of what is given must fit.' })
export class InvoiceFilter implements InvoiceFilterState {
  @Field(() => [InvoiceStatus], { nullable: true, description: 'Standing as one of these; an empty list fits none.' })
  statuses?: InvoiceStatus[] | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made at this moment or later.' })
  createdFrom?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Made before this moment.' })
  createdTo?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Part of the printed number, in upper or lower case, at most 100 characters.',
  })
  search?: string | null;
}

const LONGEST_SEARCH = 100;
const InvoiceConnection = connectionOf('Invoice', () => Invoice, { counted: true });
const cursors = cursorsOf('invoices', ['number', 'string', 'string']);

@Resolver(() => Account)
export class AccountInvoicesResolver {
  @FieldResolver(() => InvoiceConnection, { description: 'Invoices, newest first if not asked otherwise.' })
  async invoices(
    @Root() account: Account,
    @Args(() => PageArguments) asked: PageArguments,
    @Arg('filter', () => InvoiceFilter, { nullable: true, description: 'All of them when not given.' })
    filter: InvoiceFilter | null,
    @Arg('orderBy', () => InvoiceOrder, { defaultValue: InvoiceOrder.NEWEST_FIRST, description: 'How to sort them.' })
    order: InvoiceOrder,
    @Ctx() { loaders }: Context,
  ): Promise<Connection<Invoice>> {
    const list = { accountId: account.id, filter: checkFilter(filter ?? {}) };
    const page = toPage(asked, (cursor) => {
      const [createdAt, number, id] = cursors.decode(cursor);
      return { createdAt: Number(createdAt), number: String(number), id: String(id) };
    });
    const rows = await loaders.invoicePage.load({ ...list, order, page });
    const connection = toPagedConnection(rows, page, (invoice) => {
      const { createdAt, number, id } = positionOf(invoice);
      return cursors.encode([createdAt, number, id]);
    });
    return Object.defineProperty(connection, 'totalCount', { get: () => loaders.invoiceCount.load(list) });
  }
}

function checkFilter({ statuses, createdFrom, createdTo, search }: InvoiceFilterState): InvoiceFilterState {
  if (search && search.length > LONGEST_SEARCH) {
    throw badUserInput(`search may have ${LONGEST_SEARCH} characters, found ${search.length}.`);
  }
  return { statuses, createdFrom, createdTo, search };
}
