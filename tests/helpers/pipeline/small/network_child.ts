/** Started with the network by network_parent.ts: fetches URLs, or waits for a signal, or ends as told. */
const [action, ...rest] = Deno.args;
if (action === "fetch") {
  for (const url of rest) {
    try {
      console.log(await (await fetch(url)).text());
    } catch (error) {
      console.log((error as Error).name);
    }
  }
  const { state } = await Deno.permissions.query({ name: "run" });
  console.log(`run: ${state}`);
} else if (action === "echo") {
  console.error(await new Response(Deno.stdin.readable).text());
  Deno.exit(Number(rest[0]));
} else {
  if (action === "catch") {
    Deno.addSignalListener("SIGINT", () => {
      console.log("caught");
      Deno.exit(130);
    });
  }
  console.log("waiting");
  setTimeout(() => {}, 60_000);
}
