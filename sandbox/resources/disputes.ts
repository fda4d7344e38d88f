import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { byKey, choice, inRange, mergeMetadata, metadata, range, text, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import { closeDispute } from '../payments/open-disputes.js';
import { find } from './find.js';

export const disputeRoutes = [
  route(
    'GET',
    '/v1/disputes',
    { ...paging, charge: text(), created: range(), payment_intent: text() },
    ({ account, params }) =>
      page(
        '/v1/disputes',
        params.charge ? account.store.where('dispute', 'charge', params.charge) : account.store.all('dispute'),
        params,
        (row) =>
          (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/disputes/:id', {}, ({ account, id }) => find(account, 'dispute', id)),
  route(
    'POST',
    '/v1/disputes/:id',
    {
      evidence: byKey(text(150_000)),
      intended_submission_method: choice('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
      metadata: metadata(),
      submit: yesNo(),
    },
    ({ account, params, id }) => {
      const dispute = find(account, 'dispute', id);
      const inquiry = dispute.status.startsWith('warning');
      if (!dispute.status.endsWith('needs_response'))
        throw notPossible(`The dispute '${id}' is ${dispute.status} and takes no evidence any more.`);
      const submits = params.evidence !== undefined && params.submit !== false;
      const details = dispute.evidence_details;
      account.update(
        'dispute',
        id,
        {
          evidence: { ...dispute.evidence, ...params.evidence },
          evidence_details: {
            ...details,
            has_evidence: details.has_evidence || params.evidence !== undefined,
            submission_count: details.submission_count + (submits ? 1 : 0),
          },
          ...(params.intended_submission_method
            ? { intended_submission_method: params.intended_submission_method }
            : {}),
          metadata: mergeMetadata(dispute.metadata, params.metadata),
          ...(submits ? { status: inquiry ? 'warning_under_review' : 'under_review' } : {}),
        },
        'charge.dispute.updated',
      );
      const told = params.evidence?.['uncategorized_text'];
      if (submits && told === 'winning_evidence') closeDispute(account, id, inquiry ? 'warning_closed' : 'won');
      if (submits && told === 'losing_evidence') closeDispute(account, id, inquiry ? 'warning_closed' : 'lost');
      return find(account, 'dispute', id);
    },
  ),
  route('POST', '/v1/disputes/:id/close', {}, ({ account, id }) => {
    const { status } = find(account, 'dispute', id);
    if (!status.endsWith('needs_response')) throw notPossible(`The dispute '${id}' is ${status} and cannot be closed.`);
    return closeDispute(account, id, status.startsWith('warning') ? 'warning_closed' : 'lost');
  }),
];

export const earlyFraudWarningRoutes = [
  route(
    'GET',
    '/v1/radar/early_fraud_warnings',
    { ...paging, charge: text(), created: range(), payment_intent: text() },
    ({ account, params }) =>
      page(
        '/v1/radar/early_fraud_warnings',
        account.store.all('radar.early_fraud_warning'),
        params,
        (row) =>
          (params.charge === undefined || row.charge === params.charge) &&
          (params.payment_intent === undefined || row.payment_intent === params.payment_intent) &&
          inRange(row.created, params.created),
      ),
  ),
  route('GET', '/v1/radar/early_fraud_warnings/:id', {}, ({ account, id }) =>
    find(account, 'radar.early_fraud_warning', id),
  ),
];
