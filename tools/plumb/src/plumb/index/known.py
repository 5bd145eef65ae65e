"""Class hierarchies that are known without any installation: C classes of Python and the libraries plumb is about."""

ALIASES = {
    "asyncio.TimeoutError": "builtins.TimeoutError",
    "asyncio.exceptions.TimeoutError": "builtins.TimeoutError",
    "asyncio.CancelledError": "asyncio.exceptions.CancelledError",
    "asyncio.InvalidStateError": "asyncio.exceptions.InvalidStateError",
    "concurrent.futures.TimeoutError": "builtins.TimeoutError",
    "concurrent.futures._base.TimeoutError": "builtins.TimeoutError",
    "concurrent.futures.CancelledError": "concurrent.futures._base.CancelledError",
    "socket.timeout": "builtins.TimeoutError",
    "socket.error": "builtins.OSError",
    "select.error": "builtins.OSError",
    "os.error": "builtins.OSError",
    "builtins.IOError": "builtins.OSError",
    "builtins.EnvironmentError": "builtins.OSError",
    "builtins.WindowsError": "builtins.OSError",
    "json.JSONDecodeError": "json.decoder.JSONDecodeError",
    "pydantic.ValidationError": "pydantic_core.ValidationError",
    "pydantic_core._pydantic_core.ValidationError": "pydantic_core.ValidationError",
    "fastapi.HTTPException": "fastapi.exceptions.HTTPException",
    "fastapi.WebSocketException": "fastapi.exceptions.WebSocketException",
    "fastapi.WebSocketDisconnect": "starlette.websockets.WebSocketDisconnect",
    "fastapi.websockets.WebSocketDisconnect": "starlette.websockets.WebSocketDisconnect",
    "sqlalchemy.orm.exc.NoResultFound": "sqlalchemy.exc.NoResultFound",
    "sqlalchemy.orm.exc.MultipleResultsFound": "sqlalchemy.exc.MultipleResultsFound",
    "redis.asyncio.RedisError": "redis.exceptions.RedisError",
}

_TREES = {
    "builtins": """
        asyncio.exceptions.CancelledError(builtins.BaseException)
        asyncio.exceptions.InvalidStateError(builtins.Exception) asyncio.exceptions.QueueEmpty(builtins.Exception)
        asyncio.exceptions.IncompleteReadError(builtins.EOFError) concurrent.futures._base.Error(builtins.Exception)
        concurrent.futures._base.CancelledError(concurrent.futures._base.Error)
        json.decoder.JSONDecodeError(builtins.ValueError) binascii.Error(builtins.ValueError)
        binascii.Incomplete(builtins.Exception) decimal.DecimalException(builtins.ArithmeticError)
        decimal.InvalidOperation(decimal.DecimalException)
        decimal.DivisionByZero(decimal.DecimalException builtins.ZeroDivisionError) zlib.error(builtins.Exception)
        struct.error(builtins.Exception) socket.gaierror(builtins.OSError) socket.herror(builtins.OSError)
        ssl.SSLError(builtins.OSError) ssl.SSLCertVerificationError(ssl.SSLError builtins.ValueError)
        ssl.CertificateError(ssl.SSLError builtins.ValueError) ssl.SSLZeroReturnError(ssl.SSLError)
        ssl.SSLWantReadError(ssl.SSLError) ssl.SSLWantWriteError(ssl.SSLError) ssl.SSLSyscallError(ssl.SSLError)
        ssl.SSLEOFError(ssl.SSLError) sqlite3.Warning(builtins.Exception) sqlite3.Error(builtins.Exception)
        sqlite3.InterfaceError(sqlite3.Error) sqlite3.DatabaseError(sqlite3.Error)
        sqlite3.DataError(sqlite3.DatabaseError) sqlite3.OperationalError(sqlite3.DatabaseError)
        sqlite3.IntegrityError(sqlite3.DatabaseError) sqlite3.InternalError(sqlite3.DatabaseError)
        sqlite3.ProgrammingError(sqlite3.DatabaseError) sqlite3.NotSupportedError(sqlite3.DatabaseError)
        pickle.PickleError(builtins.Exception) pickle.PicklingError(pickle.PickleError)
        pickle.UnpicklingError(pickle.PickleError) enum.Enum(builtins.object) enum.IntEnum(builtins.int enum.Enum)
        enum.StrEnum(builtins.str enum.Enum) enum.Flag(enum.Enum) enum.IntFlag(builtins.int enum.Flag)
        enum.ReprEnum(enum.Enum) abc.ABC(builtins.object) typing.Generic(builtins.object)
        typing.Protocol(builtins.object) typing.Any(builtins.object) typing.NamedTuple(builtins.tuple)
        typing.TypedDict(builtins.dict)
    """,
    "sqlalchemy.exc": """
        HasDescriptionCode(builtins.object) SQLAlchemyError(sqlalchemy.exc.HasDescriptionCode builtins.Exception)
        ArgumentError(SQLAlchemyError) NoSuchModuleError(ArgumentError) NoForeignKeysError(ArgumentError)
        AmbiguousForeignKeysError(ArgumentError) ObjectNotExecutableError(ArgumentError)
        ConstraintColumnNotFoundError(ArgumentError) CircularDependencyError(SQLAlchemyError)
        CompileError(SQLAlchemyError) UnsupportedCompilationError(CompileError) IdentifierError(SQLAlchemyError)
        DisconnectionError(SQLAlchemyError) InvalidatePoolError(DisconnectionError) TimeoutError(SQLAlchemyError)
        InvalidRequestError(SQLAlchemyError) IllegalStateChangeError(InvalidRequestError)
        NoInspectionAvailable(InvalidRequestError) PendingRollbackError(InvalidRequestError)
        ResourceClosedError(InvalidRequestError) NoSuchColumnError(InvalidRequestError builtins.KeyError)
        NoResultFound(InvalidRequestError) MultipleResultsFound(InvalidRequestError)
        NoReferenceError(InvalidRequestError) AwaitRequired(InvalidRequestError)
        MissingGreenlet(InvalidRequestError) NoReferencedTableError(NoReferenceError)
        NoReferencedColumnError(NoReferenceError) NoSuchTableError(InvalidRequestError)
        UnreflectableTableError(InvalidRequestError) UnboundExecutionError(InvalidRequestError)
        StatementError(SQLAlchemyError) DBAPIError(StatementError) InterfaceError(DBAPIError)
        DatabaseError(DBAPIError) DataError(DatabaseError) OperationalError(DatabaseError)
        IntegrityError(DatabaseError) InternalError(DatabaseError) ProgrammingError(DatabaseError)
        NotSupportedError(DatabaseError)
    """,
    "sqlalchemy.orm.exc": """
        StaleDataError(sqlalchemy.exc.SQLAlchemyError) FlushError(sqlalchemy.exc.SQLAlchemyError)
        ObjectDereferencedError(sqlalchemy.exc.SQLAlchemyError) UnmappedError(sqlalchemy.exc.InvalidRequestError)
        UnmappedInstanceError(UnmappedError) UnmappedClassError(UnmappedError)
        ObjectDeletedError(sqlalchemy.exc.InvalidRequestError) DetachedInstanceError(sqlalchemy.exc.SQLAlchemyError)
    """,
    "pydantic.main": "BaseModel(builtins.object)",
    "sqlmodel.main": "SQLModel(pydantic.main.BaseModel)",
    "sqlalchemy.orm.decl_api": """
        DeclarativeBase(builtins.object) DeclarativeBaseNoMeta(builtins.object) MappedAsDataclass(builtins.object)
    """,
    "sqlalchemy.ext.asyncio": "AsyncAttrs(builtins.object)",
    "pydantic_core": "ValidationError(builtins.ValueError) PydanticCustomError(builtins.ValueError)",
    "starlette.exceptions": "HTTPException(builtins.Exception) WebSocketException(builtins.Exception)",
    "starlette.websockets": "WebSocketDisconnect(builtins.Exception)",
    "fastapi.exceptions": """
        HTTPException(starlette.exceptions.HTTPException)
        WebSocketException(starlette.exceptions.WebSocketException) ValidationException(builtins.Exception)
        RequestValidationError(ValidationException) WebSocketRequestValidationError(ValidationException)
        ResponseValidationError(ValidationException)
    """,
    "httpx": """
        HTTPError(builtins.Exception) RequestError(HTTPError) TransportError(RequestError)
        TimeoutException(TransportError) ConnectTimeout(TimeoutException) ReadTimeout(TimeoutException)
        WriteTimeout(TimeoutException) PoolTimeout(TimeoutException) NetworkError(TransportError)
        ReadError(NetworkError) WriteError(NetworkError) ConnectError(NetworkError) CloseError(NetworkError)
        ProxyError(TransportError) UnsupportedProtocol(TransportError) ProtocolError(TransportError)
        LocalProtocolError(ProtocolError) RemoteProtocolError(ProtocolError) DecodingError(RequestError)
        TooManyRedirects(RequestError) HTTPStatusError(HTTPError) InvalidURL(builtins.Exception)
        CookieConflict(builtins.Exception) StreamError(builtins.RuntimeError) StreamConsumed(StreamError)
        StreamClosed(StreamError) ResponseNotRead(StreamError) RequestNotRead(StreamError)
    """,
    "jwt.exceptions": """
        PyJWTError(builtins.Exception) InvalidTokenError(PyJWTError) DecodeError(InvalidTokenError)
        InvalidSignatureError(DecodeError) ExpiredSignatureError(InvalidTokenError)
        InvalidAudienceError(InvalidTokenError) InvalidIssuerError(InvalidTokenError)
        InvalidIssuedAtError(InvalidTokenError) ImmatureSignatureError(InvalidTokenError)
        InvalidKeyError(PyJWTError) InvalidAlgorithmError(InvalidTokenError)
        MissingRequiredClaimError(InvalidTokenError) PyJWKError(PyJWTError) PyJWKSetError(PyJWTError)
        PyJWKClientError(PyJWTError) PyJWKClientConnectionError(PyJWKClientError)
    """,
    "jose.exceptions": """
        JOSEError(builtins.Exception) JWSError(JOSEError) JWSSignatureError(JWSError) JWSAlgorithmError(JWSError)
        JWTError(JOSEError) JWTClaimsError(JWTError) ExpiredSignatureError(JWTError) JWKError(JOSEError)
        JWEError(JOSEError)
    """,
    "redis.exceptions": """
        RedisError(builtins.Exception) ConnectionError(RedisError) TimeoutError(RedisError)
        AuthenticationError(ConnectionError) AuthorizationError(ConnectionError) BusyLoadingError(ConnectionError)
        MaxConnectionsError(ConnectionError) InvalidResponse(RedisError) ResponseError(RedisError)
        DataError(RedisError) PubSubError(RedisError) WatchError(RedisError) NoScriptError(ResponseError)
        ReadOnlyError(ResponseError) LockError(RedisError builtins.ValueError) LockNotOwnedError(LockError)
    """,
    "asyncpg.exceptions": """
        PostgresError(builtins.Exception) InterfaceError(builtins.Exception)
        IntegrityConstraintViolationError(PostgresError) UniqueViolationError(IntegrityConstraintViolationError)
        ForeignKeyViolationError(IntegrityConstraintViolationError)
        NotNullViolationError(IntegrityConstraintViolationError)
        CheckViolationError(IntegrityConstraintViolationError)
    """,
    "openai": """
        OpenAIError(builtins.Exception) APIError(OpenAIError) APIStatusError(APIError) APIConnectionError(APIError)
        APITimeoutError(APIConnectionError) APIResponseValidationError(APIError) BadRequestError(APIStatusError)
        AuthenticationError(APIStatusError) PermissionDeniedError(APIStatusError) NotFoundError(APIStatusError)
        ConflictError(APIStatusError) UnprocessableEntityError(APIStatusError) RateLimitError(APIStatusError)
        InternalServerError(APIStatusError)
    """,
    "anthropic": """
        AnthropicError(builtins.Exception) APIError(AnthropicError) APIStatusError(APIError)
        APIConnectionError(APIError) APITimeoutError(APIConnectionError) APIResponseValidationError(APIError)
        BadRequestError(APIStatusError) AuthenticationError(APIStatusError) PermissionDeniedError(APIStatusError)
        NotFoundError(APIStatusError) ConflictError(APIStatusError) UnprocessableEntityError(APIStatusError)
        RateLimitError(APIStatusError) InternalServerError(APIStatusError)
    """,
    "stripe": """
        StripeError(builtins.Exception) APIError(StripeError) APIConnectionError(StripeError)
        CardError(StripeError) IdempotencyError(StripeError) InvalidRequestError(StripeError)
        AuthenticationError(StripeError) PermissionError(StripeError) RateLimitError(StripeError)
        SignatureVerificationError(StripeError)
    """,
    "botocore.exceptions": """
        BotoCoreError(builtins.Exception) ClientError(builtins.Exception) HTTPClientError(BotoCoreError)
        ConnectionError(BotoCoreError) EndpointConnectionError(ConnectionError) ConnectTimeoutError(ConnectionError)
        ReadTimeoutError(HTTPClientError) NoCredentialsError(BotoCoreError)
        PartialCredentialsError(BotoCoreError) ParamValidationError(BotoCoreError) ProfileNotFound(BotoCoreError)
    """,
    "aiohttp": """
        ClientError(builtins.Exception) ClientResponseError(ClientError) ContentTypeError(ClientResponseError)
        WSServerHandshakeError(ClientResponseError) TooManyRedirects(ClientResponseError)
        ClientConnectionError(ClientError) ClientOSError(ClientConnectionError builtins.OSError)
        ClientConnectorError(ClientOSError) ServerConnectionError(ClientConnectionError)
        ServerDisconnectedError(ServerConnectionError)
        ServerTimeoutError(ServerConnectionError builtins.TimeoutError) ClientPayloadError(ClientError)
        InvalidURL(ClientError builtins.ValueError)
    """,
    "requests.exceptions": """
        RequestException(builtins.OSError) HTTPError(RequestException) ConnectionError(RequestException)
        ProxyError(ConnectionError) SSLError(ConnectionError) Timeout(RequestException)
        ConnectTimeout(ConnectionError Timeout) ReadTimeout(Timeout) URLRequired(RequestException)
        TooManyRedirects(RequestException) InvalidURL(RequestException builtins.ValueError)
        JSONDecodeError(RequestException json.decoder.JSONDecodeError)
    """,
}

_REEXPORTED = {
    "jwt": "jwt.exceptions",
    "jose": "jose.exceptions",
    "redis": "redis.exceptions",
    "redis.asyncio": "redis.exceptions",
    "asyncpg": "asyncpg.exceptions",
    "requests": "requests.exceptions",
    "stripe.error": "stripe",
    "stripe._error": "stripe",
    "openai._exceptions": "openai",
    "anthropic._exceptions": "anthropic",
    "aiohttp.client_exceptions": "aiohttp",
    "sqlalchemy": "sqlalchemy.exc",
    "httpx._exceptions": "httpx",
    "pydantic_core._pydantic_core": "pydantic_core",
    "pydantic": "pydantic.main",
    "sqlmodel": "sqlmodel.main",
    "sqlalchemy.orm": "sqlalchemy.orm.decl_api",
}


def canonical(key: str) -> str:
    """The one spelling of a class that libraries export under several."""
    if key in ALIASES:
        return ALIASES[key]
    package, _, name = key.rpartition(".")
    moved = f"{_REEXPORTED.get(package, package)}.{name}"
    return moved if moved in BASES else key


def _bases() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for module, tree in _TREES.items():
        for entry in tree.replace(")", ")\n").splitlines():
            name, _, bases = entry.strip().removesuffix(")").partition("(")
            if name:
                table[_full(module, name)] = tuple(_full(module, base) for base in bases.split())
    return table


def _full(module: str, name: str) -> str:
    return name if "." in name else f"{module}.{name}"


BASES = _bases()
