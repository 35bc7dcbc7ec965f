"""A client of `hypertrain serve`, for Python 3.8 and later; copy this file beside your program, it needs nothing else.

    from hypertrain_client import connect

    study = connect("http://127.0.0.1:7718").study("mine", {"x": {"kind": "real", "low": -5, "high": 5}})
    study.optimize(lambda trial: (trial.values["x"] - 1) ** 2)
    print(study.best())
"""

import http.client
import itertools
import json
import math
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BUSY = (429, 502, 503, 504)  # what a server says that cannot answer now, or a proxy before it
ASKED = {
    "trial": {"trial": int, "attempt": int, "room": str, "values": dict, "from": (int, float), "to": (int, float), "lease": (int, float), "checkpoint": bool},
    "wait": {},
    "done": {},
}  # what an answer to a question for work has beside its kind
FIRST = 5  # seconds for which a server that has not answered yet is asked: it may just be starting


class ServerError(Exception):
    """What a server refused; status 409 where a trial went on elsewhere, 0 where no server of hypertrain answers."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def connect(url, token=None, patience=60, silence=600):
    """
    A client of the server at a URL; token is what the server was started with as HYPERTRAIN_TOKEN. A server that went away,
    or answers 429, 502, 503 or 504, is asked again for so many seconds of patience; one that never answered for five at most. An open connection that says nothing for so many seconds of
    silence is taken for broken, and patience begins: by default ten minutes, as a server itself waits up to five for its database.
    """
    if token is not None and not (token and all("!" <= character <= "~" for character in token)):
        raise ServerError(
            401,
            "the token must be of Latin letters, digits and signs without spaces, as every server's is; "
            "give the one that it was started with as HYPERTRAIN_TOKEN",
        )
    if not (patience >= 0 and silence > 0):
        raise ValueError(
            "patience must be seconds from 0 and silence above 0, but got %r and %r; leave them out for one minute and ten"
            % (patience, silence)
        )
    return Client(_base_of(url), token, patience, silence)


def _base_of(url):
    """A server's URL without its last slash; one that can never be reached is refused."""
    try:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0:
            return url.rstrip("/")
    except (AttributeError, TypeError, ValueError):
        pass  # it is no URL
    raise ServerError(
        0,
        "the server's URL must be as http://127.0.0.1:7718 is, or begin with https://, but got %.80r; "
        "give the one that `hypertrain serve` prints" % (url,),
    )


class Client:
    def __init__(self, url, token, patience, silence):
        self._url, self._token, self._patience, self._silence = url, token, patience, silence
        self._reached = False

    def study(self, name, space, method="tpe", trials=100, budget=1, seed=0, objectives=None, bounds=None):
        """Creates a study, or finds the one of the same name and space."""
        spec = dict(name=name, space=space, method=method, trials=trials, budget=budget, seed=seed)
        spec.update({key: value for key, value in (("objectives", objectives), ("bounds", bounds)) if value})
        return Study(self, name, self._call("POST", "/v1/studies", spec, answer=dict(session=str))["session"])

    def _call(self, method, path, body=None, answer=None, repeats="always", within=math.inf):
        """
        Asks the server for an answer, a dict with values of these types, which a function may say of it, or, without one, bytes; and again where it cannot be reached, or is
        busy: "always", since to be told once more changes nothing, where it is "unheard",
        or "never". Within so many seconds it must say something, where these are fewer than the connection may be silent.
        """
        limit = min(self._silence, within)
        began, pause = None, 0.1  # when it first could not be reached
        while True:
            try:
                return self._ask_once(method, path, body, answer, limit)
            except ServerError as error:
                began = time.monotonic() if began is None else began
                if error.status not in BUSY or repeats != "always" or time.monotonic() - began >= self._patience:
                    raise
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                if isinstance(reason, socket.timeout) and reason.errno is None:
                    reason = "it said nothing for %g seconds" % limit
                began = time.monotonic() if began is None else began
                waited = time.monotonic() - began
                unheard = isinstance(reason, (ConnectionRefusedError, socket.gaierror))
                patience = self._patience if self._reached else min(FIRST, self._patience)
                if not (repeats == "always" or repeats == "unheard" and unheard) or waited >= patience:
                    message = "the server %s must be within reach, but is not: %s; start it, or check the address" % (self._url, reason)
                    if repeats == "unheard" and not unheard:
                        message += "; it may have heard of this, so look before you repeat it"
                    raise ServerError(0, message) from None
            time.sleep(pause)
            pause = min(2 * pause, 5)

    def _ask_once(self, method, path, body, answer, limit):
        is_bytes = isinstance(body, bytes)
        data = body if is_bytes or body is None else json.dumps(body, allow_nan=False).encode()
        headers = {"Content-Type": "application/octet-stream" if is_bytes else "application/json"}
        if self._token is not None:
            headers["Authorization"] = "Bearer " + self._token
        request = urllib.request.Request(self._url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=min(limit, threading.TIMEOUT_MAX)) as response:
                told = response.read()
                self._reached = True
                return self._read(told, response.headers.get_content_type(), answer)
        except urllib.error.HTTPError as error:
            self._reached = True
            try:
                told = json.loads(error.read())
            except ValueError:
                told = None  # a proxy's page
            message = told.get("error") if isinstance(told, dict) else None
            raise ServerError(error.code, message if isinstance(message, str) else "the server answered %d" % error.code) from None

    def _read(self, told, kind, answer):
        """What an answer of `hypertrain serve` says; what stands in between may give a page of its own."""
        if answer is None and kind == "application/octet-stream":
            return told
        try:
            read = json.loads(told)
        except ValueError:
            read = None
        if isinstance(read, dict):
            fields = answer(read) if callable(answer) else answer
            if fields is not None and all(isinstance(read.get(name), kinds) for name, kinds in fields.items()):
                return read
        raise ServerError(
            0,
            "the server %s must be one of hypertrain, but answered %s; check the address, and what stands in between"
            % (self._url, json.dumps(told[:80].decode(errors="replace"))),
        )


class Study:
    def __init__(self, client, name, session):
        self.name = name
        self._questions = ("%s/%d" % (session, number) for number in itertools.count())
        self._client, self._path = client, "/v1/studies/" + urllib.parse.quote(name, safe="")

    def ask(self, worker="a Python program", lease=60):
        """A trial to train, or None when nothing is left; waits as long as others decide what is next."""
        while True:
            # by its request the server gives the same trial again
            told = dict(worker=worker, lease=lease, request=next(self._questions))
            asked = self._client._call("POST", self._path + "/ask", told, answer=lambda told: ASKED.get(str(told.get("kind"))))
            if asked["kind"] == "trial":
                return Trial(self._client, self._path, asked)
            if asked["kind"] == "done":
                return None
            time.sleep(0.3)

    def enqueue(self, values):
        """Lets one of the next trials try these values."""
        self._client._call("POST", self._path + "/enqueue", dict(values=values), answer=dict(done=bool), repeats="unheard")

    def show(self):
        """The study with its trials."""
        return self._client._call("GET", self._path, answer=dict(front=list, trials=list, state=str))

    def best(self):
        """The trial of the lowest loss so far that keeps the study's bounds, or None."""
        told = self.show()
        return None if told["best"] is None else told["trials"][told["best"]]

    def front(self):
        """The trials so far that keep the study's bounds and than which no other is better in all its objectives, ordered by the first."""
        told = self.show()
        return [told["trials"][number] for number in told["front"]]

    def optimize(self, objective, **options):
        """
        Asks and tells until nothing is left; an exception of the objective fails its trial alone. The objective returns the loss, or a
        dict of "loss" and what else it measured. Where all trials of the study have failed without a loss, a
        RuntimeError at the end says why the first did.
        """
        trial = self.ask(**options)
        while trial is not None:
            with trial:
                result = objective(trial)
                trial.tell(**result) if isinstance(result, dict) else trial.tell(result)
            trial = self.ask(**options)
        trials = self.show()["trials"]
        if trials and all(trial["state"] == "failed" and trial["best"] is None for trial in trials):
            raise RuntimeError(
                "a study must have a trial that came to a loss, but all %d of %s failed, the first because: %s; mend the objective"
                % (len(trials), json.dumps(self.name), trials[0].get("reason", "it said nothing"))
            )


class Trial:
    """A trial that this program holds until it tells; as a context, an exception inside fails it and goes no further."""

    def __init__(self, client, study, asked):
        self.number, self.attempt, self.values = asked["trial"], asked["attempt"], asked["values"]
        self.start, self.to = asked["from"], asked["to"]
        self._held = dict(attempt=self.attempt, room=asked["room"])  # which no other study of the name gives
        self._client, self._path = client, "%s/trials/%d" % (study, self.number)
        self._has_checkpoint = asked["checkpoint"]
        self._ended = threading.Event()
        threading.Thread(target=self._beat, args=(asked["lease"] / 3,), daemon=True).start()

    def report(self, loss, budget, **measures):
        """A loss on the way, and what else was measured, by name; returns whether to go on, False when self.to is reached."""
        told = dict(self._held, loss=loss, budget=budget, measures=measures)
        return self._client._call("POST", self._path + "/points", told, answer=dict(decision=str))["decision"] == "go on"

    def tell(self, loss=None, **measures):
        """
        Ends it at a loss, with what else was measured; without one, at the one reported at self.to. One that is not finite fails it, and
        the reason has the measures.
        """
        if loss is None:
            self._end(dict(measures=measures))
        elif math.isfinite(loss):
            self._end(dict(loss=float(loss), measures=measures))
        else:
            self.fail("its loss was %s" % loss + "".join(", %s %s" % measure for measure in measures.items()))

    def fail(self, reason):
        self._end(dict(failed=str(reason)))

    def hand_back(self):
        """Ends it unfinished: another gets it, from its last checkpoint on."""
        self._end(dict(handBack=True))

    def keep(self, checkpoint):
        """Keeps bytes to go on from."""
        self._client._call("PUT", "%s/checkpoint?%s" % (self._path, urllib.parse.urlencode(self._held)), checkpoint, answer=dict(held=bool))

    def checkpoint(self):
        """The bytes that it goes on from, or None."""
        if not self._has_checkpoint:
            return None
        return self._client._call("GET", "%s/checkpoint?%s" % (self._path, urllib.parse.urlencode(dict(room=self._held["room"]))))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            return False
        if isinstance(error, ServerError):
            if error.status == 400:  # no loss, or an odd one
                self._fail_here(error)
                return True
            self._ended.set()
            return error.status == 409  # it went on elsewhere
        if not issubclass(kind, Exception):  # an interrupt
            self.hand_back()
            return False
        self._fail_here("%s: %s" % (kind.__name__, _text_of(error)))
        return True

    def _fail_here(self, reason):
        try:
            self.fail(reason)
        except ServerError as error:
            if error.status != 409:  # it went on elsewhere
                raise

    def _end(self, told):
        try:
            self._client._call("POST", self._path + "/tell", dict(told, **self._held), answer=dict(told=bool))
        except ServerError as error:
            if error.status != 400:  # else it may be told otherwise
                self._ended.set()
            raise
        self._ended.set()

    def _beat(self, pause):
        while not self._ended.wait(pause):
            try:
                self._client._call("PUT", self._path + "/heartbeat", self._held, answer=dict(held=bool), repeats="never", within=pause)
            except ServerError:
                pass  # the next report says so


def _text_of(error):
    try:
        return str(error)
    except Exception:  # of its own __str__
        return "it has no text"
