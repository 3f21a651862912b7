"""What the OpenAPI descriptions of a run's target say of its cases; imported only where there are any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pytest_endpoint_docs.model.body import Step
from pytest_endpoint_docs.model.case import CaseResult, ContractCase
from pytest_endpoint_docs.model.environment import Environment
from pytest_endpoint_docs.openapi.description_policy import DescriptionPolicy, RunBaseline, read_run_baseline
from pytest_endpoint_docs.openapi.descriptions import Descriptions
from pytest_endpoint_docs.openapi.operations import Operation
from pytest_endpoint_docs.openapi.request_check import RequestCheck, asks_by_description
from pytest_endpoint_docs.openapi.response_check import ResponseCheck
from pytest_endpoint_docs.openapi.schema_problems import SchemaValidators
from pytest_endpoint_docs.plugin.options import Options
from pytest_endpoint_docs.redaction.redactor import Redactor


class RunDescriptions:
    """The descriptions and what holds requests and responses against them; its checks share compiled schemas."""

    def __init__(
        self,
        environment: Environment,
        redactor: Redactor,
        options: Options,
        *,
        root: Path,
        clock: Callable[[], datetime],
    ) -> None:
        strict = options.strict
        baseline = RunBaseline()
        if options.baseline is not None and (options.baseline.exists() or not options.update_baseline):
            baseline = read_run_baseline(options.baseline)
        policy = DescriptionPolicy(
            rules=environment.openapi_checks,
            issues=environment.known_issues,
            baseline=baseline,
            accepts_all=options.update_baseline,
            today=clock().date(),
        )
        self.all = Descriptions.of_environment(environment, root=root)
        self.validators = SchemaValidators()
        self.request_check = RequestCheck(
            self.all,
            redactor,
            strict=strict,
            validators=self.validators,
            default_token=environment.default_token,
            policy=policy,
        )
        self.response_check = ResponseCheck(self.all, strict=strict, validators=self.validators, policy=policy)

    def operation_of(self, case: ContractCase, result: CaseResult | None) -> Operation | None:
        """The operation of the request that a case is about; of its doc where nothing or another one was sent."""
        sent = result.sent if result else None
        if sent is None or case.outline.negative is not None:
            return self.all.of_doc(case.doc)
        template, request = sent.step.request.path, sent.request
        return self.all.of_request(case.doc, request.method, template, sent_path=request.path)

    def asks_on_behalf_of(self, environment: Environment) -> Callable[[ContractCase, Step], bool]:
        """Tells for a step whether its operation asks for the header field that says on whose behalf it is sent."""
        return asks_by_description(self.all, environment.on_behalf_of.header)
