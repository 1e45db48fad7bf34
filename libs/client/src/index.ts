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
export { contentDigest, type RequestToSign, signRequest } from './sign-request.ts'
