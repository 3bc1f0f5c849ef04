// query writes parameters for an address; those without a value are left out.
export function query(parameters: Record<string, string | undefined>): string {
  return new URLSearchParams(Object.entries(parameters).filter((each): each is [string, string] => Boolean(each[1]))).toString();
}
