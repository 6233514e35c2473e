/** Where the Platform API is served. */
export const REST_PREFIX = "/platform/v1beta1";
