export {
  ApiError,
  type ApiClient,
  type ClientOptions,
  type CallInput,
  createClient,
  type Credentials,
} from './client.ts'
export {
  idempotencyComponent,
  profileComponents,
  signatureAlgorithm,
  signatureBase,
  signatureBaseOf,
  type SignedMessage,
  signatureInput,
} from './http-signature.ts'
export type { RetryOptions } from './retry.ts'
export {
  contentDigest,
  type ImportedKey,
  importSigningKey,
  type KeyToSignWith,
  type RequestToSign,
  signRequest,
} from './sign-request.ts'
