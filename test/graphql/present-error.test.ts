import { GraphQLError } from 'graphql';
import { BillingError, notFound } from '../../src/errors';
import { errorCatalogue } from '../../src/errors-catalogue';
import { presentError } from '../../src/graphql/present-error';
import { createRecordedLog } from '../support/recorded-log';

const log = createRecordedLog();
const present = (thrown: unknown) =>
  presentError(thrown, { requestId: 'req_1', publicUrl: 'https://billing.example.com', log });
const located = (originalError: Error) => new GraphQLError(originalError.message, { originalError, path: ['a'] });

describe('a presented error', () => {
  it('tells a BillingError as it is', () => {
    const error = new BillingError('PROVIDER_UNAVAILABLE', 'Stripe does not answer.', {
      retryable: true,
      retryAfterMs: 500,
    });
    expect(present(located(error))).toMatchObject({
      message: 'Stripe does not answer.',
      path: ['a'],
      extensions: {
        code: 'PROVIDER_UNAVAILABLE',
        requestId: 'req_1',
        retryable: true,
        retryAfterMs: 500,
        hint: errorCatalogue.PROVIDER_UNAVAILABLE.whatToDo,
        docsUrl: 'https://billing.example.com/errors/PROVIDER_UNAVAILABLE',
      },
    });
    expect(present(notFound('invoice', 'in_1')).extensions?.code).toBe('NOT_FOUND');
  });

  it.each([
    ['an error', new Error('ER_NO_SUCH_TABLE: SELECT * FROM x')],
    ['an error of a driver', Object.assign(new Error('deadlock'), { query: 'UPDATE x', parameters: ['y'] })],
    ['a TypeError', located(new TypeError("Cannot read properties of undefined (reading 'id')"))],
    ['a text', 'SELECT secret'],
    ['an object', { sql: 'SELECT secret' }],
    ['nothing', undefined],
    ['an INTERNAL BillingError with a telling message', new BillingError('INTERNAL', 'SELECT secret')],
    ['a value that the schema cannot send', located(new GraphQLError('Int cannot represent "SELECT secret"'))],
  ])('masks %s', (_name, thrown) => {
    log.lines.length = 0;
    const presented = present(thrown);
    expect(presented.message).toBe('Something went wrong inside the gateway.');
    expect(presented.extensions?.code).toBe('INTERNAL');
    expect(JSON.stringify(presented)).not.toMatch(/SELECT|UPDATE|deadlock|reading/);
    expect(log.lines).toHaveLength(1);
  });

  it.each([
    ['was lost at a commit', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, true],
    ['refused a statement', { code: 'ER_NO_SUCH_TABLE' }, false],
  ])('says whether to try again after a database that %s', (_what, fields, retryable) => {
    const { extensions } = present(Object.assign(new Error('SELECT secret'), fields));

    expect(extensions).toMatchObject({ code: 'INTERNAL', retryable });
  });

  it('suggests no names', () => {
    const error = new GraphQLError('Cannot query field "plan" on type "Query". Did you mean "plans" or "planet"?');
    expect(present(error).message).toBe('Cannot query field "plan" on type "Query".');
  });

  it('does not send back an endless message', () => {
    expect(present(new GraphQLError('x'.repeat(100_000))).message).toHaveLength(1_000);
  });
});
