export interface ErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error' | 'temporary_session_expired';
  code?: string;
  message: string;
  param?: string;
  decline_code?: string;
  charge?: string;
  payment_intent?: unknown;
  payment_method?: unknown;
  setup_intent?: unknown;
  advice_code?: string;
  doc_url?: string;
}

/** An answer of Stripe's that is not a success. */
export class StripeError extends Error {
  /** True where what was done before the error stays done: a declined charge is on record. */
  keepsEffects = false;
  /** False where Stripe refuses before it executes; such answers are not stored under an idempotency key. */
  executed = true;

  constructor(
    public status: number,
    readonly body: ErrorBody,
    readonly headers: Record<string, string> = {},
  ) {
    super(body.message);
    if (body.code) body.doc_url = `https://stripe.com/docs/error-codes/${body.code.replaceAll('_', '-')}`;
  }
}

function refused(body: Omit<ErrorBody, 'type'>, status = 400): StripeError {
  const error = new StripeError(status, { type: 'invalid_request_error', ...body });
  error.executed = false;
  return error;
}

export function parameterUnknown(param: string): StripeError {
  return refused({ code: 'parameter_unknown', message: `Received unknown parameter: ${param}`, param });
}

export function parameterMissing(param: string): StripeError {
  return refused({ code: 'parameter_missing', message: `Missing required param: ${param}.`, param });
}

export function parameterEmpty(param: string): StripeError {
  return refused({
    code: 'parameter_invalid_empty',
    message: `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    param,
  });
}

/** A value of the right shape that makes no sense, alone or beside the others. */
export function parameterInvalid(param: string, message: string, code?: string): StripeError {
  return refused({ message, param, ...(code ? { code } : {}) });
}

export function noSuch(kind: string, id: string, param = 'id', status = 404): StripeError {
  const error = new StripeError(status, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
  return error;
}

/** What was asked cannot be done to the object as it is now. */
export function notPossible(message: string, code?: string, param?: string): StripeError {
  return new StripeError(400, {
    type: 'invalid_request_error',
    message,
    ...(code ? { code } : {}),
    ...(param ? { param } : {}),
  });
}

export function unrecognizedUrl(method: string, path: string): StripeError {
  return refused(
    {
      message: `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`,
    },
    404,
  );
}

export function notAuthenticated(message: string): StripeError {
  return refused({ message }, 401);
}

export function cardError(details: Omit<ErrorBody, 'type'>): StripeError {
  return new StripeError(402, { type: 'card_error', ...details });
}
